import { child, isFunction, lineIndex, parseFile, walk, word } from "../syntax.ts";
import type { LineCounts, TraceReport } from "../sandbox/trial.ts";
import type { Failures } from "../../../../domain/run/test-failures.ts";
import { isOwnSource } from "../repository.ts";
import type { Suspect } from "./candidates.ts";

/** Source files that the failing tests executed, the most likely first, at most `limit`. */
export function suspectPaths(
  trace: TraceReport,
  failures: Failures,
  files: readonly string[],
  limit: number,
): readonly string[] {
  const covered = failingCoverage(trace);
  const inStack = new Set(failures.places.map((place) => place.path));
  const words = failures.names.join(" ").toLowerCase();
  const score = (path: string): number => {
    const stem = (path.split("/").at(-1) ?? path).replace(/\.[^.]+$/u, "").toLowerCase();
    return (
      (inStack.has(path) ? 4 : 0) +
      (stem.length > 2 && words.includes(stem) ? 2 : 0) +
      (failures.testFiles.some((test) => test.toLowerCase().includes(stem)) ? 2 : 0)
    );
  };
  const own = files.filter((path) => isOwnSource(path) && (covered === undefined || covered.has(path)));
  return own.toSorted((a, b) => score(b) - score(a) || (a < b ? -1 : 1)).slice(0, limit);
}

/**
 * Ranks lines by suspicion. Lines that the failing tests did not execute are out; lines that only they executed count
 * more, as do functions that the tests name and lines through which an exception came.
 * `testText`: source of the failing tests around their failing assertions.
 */
export function suspects(
  texts: ReadonlyMap<string, string>,
  trace: TraceReport,
  failures: Failures,
  testText: string,
): readonly Suspect[] {
  const failing = failingCoverage(trace);
  const passing = trace.coverage.get("passing");
  const named = new Set([...failures.names, testText].join(" ").match(/[A-Za-z_$][\w$]*/gu) ?? []);
  return [...texts].map(([path, text]) => {
    const lineOf = lineIndex(text);
    const inFunction = functionLines(path, text, lineOf);
    const counts = failing?.get(path);
    const passed = passing?.get(path);
    const hangs = [...trace.runs.values()].some((run) => run.late);
    const loops = hangs ? loopLines(path, text, lineOf) : new Set<number>();
    const places = failures.places.filter((place) => place.path === path);
    const suspicion = (line: number): number => {
      if (failing !== undefined && !executed(counts, line)) return 0;
      const names = inFunction.get(line) ?? [];
      let score = 1;
      if (passing !== undefined && executed(passed, line)) score *= 0.6;
      if (names.length === 0) score *= 0.5;
      if (names.some((name) => named.has(name))) score *= 1.4;
      score *= 1 - 0.06 * Math.log10(Math.max(1, counts?.get(line) ?? 1));
      if (hangs) score *= loops.has(line) ? 1.6 : 0.6;
      const distance = Math.min(...places.map((place) => Math.abs(place.line - line)), 99);
      if (distance === 0) score *= 1.8;
      else if (distance <= 3) score *= 1.3;
      return score;
    };
    return { path, text, suspicion };
  });
}

/** Coverage of the failing tests alone where the runner could choose them by name, else of their files. */
function failingCoverage(trace: TraceReport): ReadonlyMap<string, LineCounts> | undefined {
  const chosen = trace.runs.get("failing");
  if (chosen !== undefined && !chosen.passed) return trace.coverage.get("failing");
  return trace.coverage.get("quick") ?? trace.coverage.get("full");
}

function executed(counts: LineCounts | undefined, line: number): boolean {
  return (counts?.get(line) ?? 0) > 0;
}

/** Lines inside of loops, where an endless run comes from. */
function loopLines(path: string, text: string, lineOf: (offset: number) => number): ReadonlySet<number> {
  const lines = new Set<number>();
  const root = parseFile(path, text);
  if (root === undefined) return lines;
  for (const { node } of walk(root)) {
    if (!/^(?:For\w*|While|DoWhile)Statement$/u.test(node.type)) continue;
    for (let line = lineOf(node.start); line <= lineOf(node.end); line += 1) lines.add(line);
  }
  return lines;
}

/** Names of the functions that each line is inside of, outermost first ("" for nameless ones). */
function functionLines(
  path: string,
  text: string,
  lineOf: (offset: number) => number,
): ReadonlyMap<number, readonly string[]> {
  const lines = new Map<number, string[]>();
  const root = parseFile(path, text);
  if (root === undefined) return lines;
  for (const { node, ancestors } of walk(root)) {
    if (!isFunction(node)) continue;
    const parent = ancestors.at(-1);
    const name = word(
      child(node, "id") ??
        child(node, "key") ??
        child(parent, "id") ??
        child(parent, "key") ??
        child(child(parent, "left"), "property") ??
        child(parent, "left"),
      "name",
    );
    for (let line = lineOf(node.start); line <= lineOf(node.end); line += 1) {
      const known = lines.get(line) ?? [];
      known.push(name);
      lines.set(line, known);
    }
  }
  return lines;
}
