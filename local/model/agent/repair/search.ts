import { createHash } from "node:crypto";
import { jobLimit, readTrace, readTrial, trialCall } from "../sandbox/trial.ts";
import type { TracedRun, TraceReport } from "../sandbox/trial.ts";
import type { Survey, TestRun } from "../survey.ts";
import { testCommands } from "../testing/test-command.ts";
import type { TestCommands } from "../testing/test-command.ts";
import { readFailures } from "../../../../domain/run/test-failures.ts";
import type { Failures } from "../../../../domain/run/test-failures.ts";
import { isTestFile, readFiles } from "../repository.ts";
import { callOne } from "../work.ts";
import type { Work } from "../work.ts";
import { parseable, rankCandidates } from "./candidates.ts";
import { suspectPaths, suspects } from "./localise.ts";
import type { Candidate } from "./types.ts";

/** The limits after which the search gives up. */
const limits = { batches: 14, batchSize: 90, batchMs: 60_000, totalSeconds: 4 * 60, files: 8 };

/** An edit with which all tests pass in a copy of the repository, and what it took to find it. */
export interface Found {
  readonly candidate: Candidate;
  readonly text: string;
  readonly tried: number;
}

export interface SearchReport {
  readonly failures: Failures;
  readonly files: readonly string[];
  /** Candidates tried so far. */
  readonly tried: number;
  readonly ranked: number;
  readonly found: Found | undefined;
  /** Why nothing was tried, when nothing was. */
  readonly reason?: string;
}

/**
 * Searches an edit that makes the failing tests pass: localises with the tests' output and coverage, ranks candidate
 * edits, and tries them in batches inside the sandbox. The repository itself is left as it is. `skip`: candidates that
 * passed in a copy but not in the repository.
 */
export function* search(
  survey: Survey,
  run: TestRun,
  command: string | undefined,
  skip: ReadonlySet<string>,
): Work<SearchReport> {
  const failures = readFailures(run.output, survey.files);
  const passingFiles = survey.files.filter(
    (path) => isTestFile(path) && !failures.testFiles.includes(path) && sameKind(path, failures.testFiles),
  );
  const commands = testCommands(
    command,
    survey.manifest.scripts ?? {},
    failures.testFiles.slice(0, 3),
    failures.names,
    passingFiles.slice(0, 12),
  );
  const none = { failures, files: [], tried: 0, ranked: 0, found: undefined };
  const traced = yield* callOne(traceText(failures), traceCall(commands, hung(run)));
  const trace = readTrace(traced.content);
  if (trace.runs.size === 0)
    return { ...none, reason: `Running the tests in a copy did not work: ${traced.content.slice(0, 400)}` };
  const use = pickCommand(commands, trace);
  if (use === undefined)
    return { ...none, reason: "The tests pass in a copy of the repository, so candidates can't be told apart there." };

  const paths = suspectPaths(trace, failures, survey.files, limits.files);
  if (paths.length === 0)
    return { ...none, reason: "No source file of the repository is executed by the failing tests." };
  const tests = failures.testFiles.filter(isTestFile).slice(0, 2);
  const texts = yield* readFiles(
    `The failing tests execute ${paths.map((path) => `\`${path}\``).join(", ")}. I read that code.`,
    [...paths, ...tests],
  );
  const sources = new Map([...texts].filter(([path]) => paths.includes(path)));
  const ranked = ranking(sources, trace, failures, testLines(texts, failures), run.output).filter(
    (candidate) => !skip.has(keyOf(candidate)),
  );
  const result = yield* tryAll(ranked, sources, use);
  return { failures, files: [...sources.keys()], ranked: ranked.length, ...result };
}

/** Whether a test file is named and placed like one of the others, so that it is a test and no helper. */
function sameKind(path: string, others: readonly string[]): boolean {
  const shape = (one: string): string => one.replace(/[^/]+?((?:[._-](?:tests?|spec))?\.[cm]?[jt]sx?)$/u, "*$1");
  return others.some((other) => shape(other) === shape(path));
}

/** Identifies a candidate across searches. */
export function keyOf(candidate: Candidate): string {
  return `${candidate.path}:${candidate.start}:${candidate.end}:${candidate.text}`;
}

interface Timed {
  readonly quick: string;
  readonly full: string;
  readonly quickMs: number;
  readonly fullMs: number;
}

function* tryAll(
  ranked: readonly Candidate[],
  texts: ReadonlyMap<string, string>,
  use: Timed,
): Work<{ tried: number; found: Found | undefined }> {
  const files = [...texts.keys()];
  const most = Math.max(15, Math.min(limits.batchSize, Math.floor((limits.batchMs * 2) / (use.quickMs + 20))));
  let next = 0;
  let spentSeconds = 0;
  for (
    let batch = 0;
    batch < limits.batches && next < ranked.length && spentSeconds < limits.totalSeconds;
    batch += 1
  ) {
    const edits: (readonly [number, number, number, string])[] = [];
    let length = 0;
    const chosen: Candidate[] = [];
    let at = next;
    for (; at < ranked.length && edits.length < most; at += 1) {
      const candidate = ranked[at];
      if (candidate === undefined || parseable([candidate], texts).length === 0) continue;
      const edit = [files.indexOf(candidate.path), candidate.start, candidate.end, candidate.text] as const;
      const size = JSON.stringify(edit).length + 1;
      if (size > 2000) continue;
      length += size;
      if (length > jobLimit - files.join("").length - use.quick.length - use.full.length - 300) break;
      edits.push(edit);
      chosen.push(candidate);
    }
    if (chosen.length === 0) break;
    const call = trialCall({
      files,
      edits,
      first: 0,
      quick: use.quick,
      full: use.full,
      quickTimeoutMs: Math.min(20_000, Math.max(1500, use.quickMs * 4 + 800)),
      fullTimeoutMs: Math.min(60_000, Math.max(10_000, use.fullMs * 4 + 2000)),
      deadlineMs: 200_000,
      workers: 2,
    });
    const result = yield* callOne(batchText(batch, ranked, next, chosen), call);
    const { tried, seconds, found } = readTrial(result.content);
    const candidate = found === undefined ? undefined : chosen[found];
    if (candidate !== undefined)
      return {
        tried: next + (found ?? 0) + 1,
        found: { candidate, text: texts.get(candidate.path) ?? "", tried: next + (found ?? 0) + 1 },
      };
    const last = chosen[tried - 1];
    next = tried >= chosen.length ? at : last === undefined ? next : ranked.indexOf(last) + 1;
    spentSeconds += tried === 0 ? 60 : seconds;
  }
  return { tried: next, found: undefined };
}

function traceText(failures: Failures): string {
  const what = failures.names.slice(0, 3).map((name) => `"${name}"`);
  const where = failures.testFiles.slice(0, 2).map((path) => `\`${path}\``);
  const failing =
    what.length > 0
      ? `Failing: ${what.join(", ")}${failures.names.length > 3 ? ` and ${failures.names.length - 3} more` : ""}.`
      : "The tests fail.";
  return `${failing}${where.length > 0 ? ` (${where.join(", ")})` : ""} I measure in a copy which code the failing tests execute.`;
}

function batchText(batch: number, ranked: readonly Candidate[], next: number, chosen: readonly Candidate[]): string {
  const first = chosen[0];
  const best = first ? ` The most likely now: ${first.operator} at \`${first.path}:${first.line}\`.` : "";
  const lead =
    batch === 0
      ? `${ranked.length} small edits could be the repair. I try them in copies, the most likely first.`
      : `None of the first ${next} helps. I go on.`;
  return lead + best;
}

/** Whether the test run did not end by itself: its time was up, or it was killed. */
function hung(run: TestRun): boolean {
  return run.code === 124 || run.code === 137 || /^\(ended after \d+ s\)/mu.test(run.output);
}

function traceCall(commands: TestCommands, endless: boolean): ReturnType<typeof trialCall> {
  const narrowed = commands.quick !== commands.full;
  const list = [
    { label: "failing", command: commands.failing, timed: false, covered: true },
    { label: "quick", command: narrowed ? commands.quick : undefined, timed: true, covered: true },
    { label: "full", command: commands.full, timed: true, covered: !narrowed },
    { label: "passing", command: commands.passing, timed: false, covered: true },
  ].flatMap(({ command, ...rest }) => (command === undefined ? [] : [{ command, ...rest }]));
  return trialCall({ commands: list, timeoutMs: endless ? 4000 : 60_000, deadlineMs: 240_000 });
}

/** The narrow command when it shows the failure, else the whole suite; `undefined` when not even that fails. */
function pickCommand(commands: TestCommands, trace: TraceReport): Timed | undefined {
  const full = trace.runs.get("full");
  const quick = trace.runs.get("quick");
  if (quick !== undefined && !quick.passed) {
    return { quick: commands.quick, full: commands.full, quickMs: usualMs(quick), fullMs: usualMs(full ?? quick) };
  }
  if (full === undefined || full.passed) return undefined;
  return { quick: commands.full, full: commands.full, quickMs: usualMs(full), fullMs: usualMs(full) };
}

/** The usual time of a run. A run that did not end gives no measure, so it counts as a quick one, as most tests are. */
function usualMs(run: TracedRun): number {
  return run.late ? 300 : run.ms;
}

/** The lines around the failing assertions. */
function testLines(texts: ReadonlyMap<string, string>, failures: Failures): string {
  return failures.testPlaces
    .slice(0, 8)
    .flatMap(({ path, line }) => (texts.get(path) ?? "").split("\n").slice(Math.max(0, line - 3), line + 1))
    .join("\n");
}

const recentRankings = new Map<string, readonly Candidate[]>();

/** `rankCandidates`, remembered for the next turn of the same search: each turn replays the whole search. */
function ranking(
  texts: ReadonlyMap<string, string>,
  trace: TraceReport,
  failures: Failures,
  testText: string,
  output: string,
): readonly Candidate[] {
  const coverage = [...trace.coverage].map(([label, files]) => [
    label,
    [...files].map(([path, lines]) => [path, [...lines]]),
  ]);
  const key = createHash("sha256")
    .update(JSON.stringify([[...texts], coverage, [...trace.runs], failures, testText]))
    .digest("base64url");
  const known = recentRankings.get(key) ?? rankCandidates(suspects(texts, trace, failures, testText), failures, output);
  recentRankings.delete(key);
  recentRankings.set(key, known);
  for (const old of [...recentRankings.keys()].slice(0, -4)) recentRankings.delete(old);
  return known;
}
