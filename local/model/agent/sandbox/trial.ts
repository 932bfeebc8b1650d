import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import path from "node:path";
import type { ToolCall } from "../../wire/conversation.ts";
import { tool } from "../work.ts";

const trialSource = readFileSync(path.join(import.meta.dirname, "trial.mjs"), "utf8").replace(/^\/\/.*\n/gmu, "");
/** A shell command may have 20,000 characters at most; the rest is left for the frame around the job. */
export const jobLimit = 20_000 - trialSource.length - 600;

/** Runs commands in a copy of the repository: for their outcome, their duration without coverage, their coverage. */
export interface TraceJob {
  readonly commands: readonly {
    readonly label: string;
    readonly command: string;
    readonly timed: boolean;
    readonly covered: boolean;
  }[];
  readonly timeoutMs: number;
  readonly deadlineMs: number;
}

/** Tries edits one by one in copies of the repository and stops at the first with which all tests pass. */
export interface EditsJob {
  readonly files: readonly string[];
  /** File index, start and end offset, new text. */
  readonly edits: readonly (readonly [file: number, start: number, end: number, text: string])[];
  /** Number of the first edit, for the report. */
  readonly first: number;
  readonly quick: string;
  readonly full: string;
  readonly quickTimeoutMs: number;
  readonly fullTimeoutMs: number;
  readonly deadlineMs: number;
  readonly workers: number;
}

/** The `shell` call that runs a job in the sandbox's /tmp and cleans up behind itself. */
export function trialCall(job: TraceJob | EditsJob): ToolCall {
  const json = JSON.stringify(job);
  const folder = `/tmp/alime-${createHash("sha256").update(json).digest("hex").slice(0, 12)}`;
  const command = [
    `rm -rf ${folder} && mkdir -p ${folder} || exit 1`,
    `cat > ${folder}/trial.mjs <<'ALIME_EOF'`,
    trialSource.trimEnd(),
    "ALIME_EOF",
    `cat > ${folder}/job.json <<'ALIME_EOF'`,
    json,
    "ALIME_EOF",
    `node ${folder}/trial.mjs ${folder}/job.json; code=$?; rm -rf ${folder}; exit $code`,
  ].join("\n");
  return tool("shell", { command, timeout_seconds: Math.min(300, Math.ceil(job.deadlineMs / 1000) + 60) });
}

/** Executed lines of one file: how often each line (counted from 1) ran. */
export type LineCounts = ReadonlyMap<number, number>;

export interface TracedRun {
  readonly passed: boolean;
  /** It did not end within its time: the failure is an endless loop, or waiting for ever. */
  readonly late: boolean;
  readonly ms: number;
}

export interface TraceReport {
  /** Outcome and duration per label; a label that is missing did not run. */
  readonly runs: ReadonlyMap<string, TracedRun>;
  /** Label, then file, then lines. */
  readonly coverage: ReadonlyMap<string, ReadonlyMap<string, LineCounts>>;
}

/** Reads what a trace job printed. */
export function readTrace(output: string): TraceReport {
  const runs = new Map<string, TracedRun>();
  const coverage = new Map<string, Map<string, LineCounts>>();
  for (const line of output.split("\n")) {
    const ran = /^ran (\S+) (pass|fail|timeout) (\d+) ms/u.exec(line);
    if (ran) runs.set(ran[1] ?? "", { passed: ran[2] === "pass", late: ran[2] === "timeout", ms: Number(ran[3]) });
    const cover = /^cover (\S+) ("(?:[^"\\]|\\.)*") (.+)$/u.exec(line);
    if (!cover) continue;
    const file: unknown = JSON.parse(cover[2] ?? '""');
    if (typeof file !== "string") continue;
    const label = cover[1] ?? "";
    const files = coverage.get(label) ?? new Map<string, LineCounts>();
    files.set(file, readRuns(cover[3] ?? ""));
    coverage.set(label, files);
  }
  return { runs, coverage };
}

function readRuns(text: string): LineCounts {
  const counts = new Map<number, number>();
  for (const [, first, last, count] of text.matchAll(/(\d+)-(\d+):(\d+)/gu)) {
    for (let line = Number(first); line <= Number(last); line += 1) counts.set(line, Number(count));
  }
  return counts;
}

/** Reads what an edits job printed: how many edits were tried, for how long, and the number of the one that passed. */
export function readTrial(output: string): {
  readonly tried: number;
  readonly seconds: number;
  readonly found: number | undefined;
} {
  const [, tried, seconds] = /^tried (\d+) of \d+ in (\d+) s/mu.exec(output) ?? [];
  const found = /^found (\d+)$/mu.exec(output)?.[1];
  return {
    tried: Number(tried ?? 0),
    seconds: Number(seconds ?? 0),
    found: found === undefined ? undefined : Number(found),
  };
}
