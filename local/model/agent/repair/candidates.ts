import { lineIndex, parseFile, walk } from "../syntax.ts";
import type { Failures } from "../../../../domain/run/test-failures.ts";
import { operators } from "./operators/index.ts";
import { collectPools } from "./pools.ts";
import type { Candidate, FileContext } from "./types.ts";

/** A source file with how suspicious each of its lines is, from 0 (not executed) to about 1. */
export interface Suspect {
  readonly path: string;
  readonly text: string;
  readonly suspicion: (line: number) => number;
}

/**
 * Candidate repairs for the suspects, most promising first: suspicion of the line times the operator's prior. Two edits
 * with the same outcome are one candidate. Files that don't parse give none.
 */
export function rankCandidates(suspects: readonly Suspect[], failures: Failures, output: string): readonly Candidate[] {
  const best = new Map<string, Candidate>();
  for (const suspect of suspects) {
    const root = parseFile(suspect.path, suspect.text);
    if (root === undefined) continue;
    const lineOf = lineIndex(suspect.text);
    const context: FileContext = {
      path: suspect.path,
      text: suspect.text,
      root,
      pools: collectPools(root, suspect.text),
      mismatches: failures.mismatches,
      exceptionMissing: /Missing expected (?:exception|rejection)|expected .*to throw|should throw/iu.test(output),
    };
    for (const visit of walk(root)) {
      const line = lineOf(visit.node.start);
      const suspicion = suspect.suspicion(line);
      for (const [name, operator] of operators) {
        for (const { start, end, text, prior, about } of operator(visit, context)) {
          const at =
            about === undefined ? suspicion || suspect.suspicion(lineOf(start)) : suspect.suspicion(lineOf(about));
          if (at <= 0 || prior <= 0 || suspect.text.slice(start, end) === text) continue;
          const candidate = {
            path: suspect.path,
            start,
            end,
            text,
            line: lineOf(start),
            operator: name,
            score: at * prior,
          };
          const key = `${suspect.path}:${start}:${end}:${text}`;
          if ((best.get(key)?.score ?? 0) < candidate.score) best.set(key, candidate);
        }
      }
    }
  }
  return [...best.values()].sort(
    (a, b) => b.score - a.score || (a.path < b.path ? -1 : a.path > b.path ? 1 : a.start - b.start),
  );
}

/** The file's text with a candidate applied. */
export function applyCandidate(
  text: string,
  candidate: { readonly start: number; readonly end: number; readonly text: string },
): string {
  return text.slice(0, candidate.start) + candidate.text + text.slice(candidate.end);
}

/** Leaves out candidates after which the file would no longer parse: those are not worth a test run. */
export function parseable(candidates: readonly Candidate[], texts: ReadonlyMap<string, string>): readonly Candidate[] {
  return candidates.filter((candidate) => {
    const text = texts.get(candidate.path);
    return text !== undefined && parseFile(candidate.path, applyCandidate(text, candidate)) !== undefined;
  });
}
