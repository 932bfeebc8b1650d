import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { runAgent } from "../../../local/model/evaluate/agent-loop.ts";
import type { LoopResult } from "../../../local/model/evaluate/agent-loop.ts";
import { ToolExecutor, listFiles } from "../../../local/model/evaluate/executor.ts";

export interface AgentRun extends LoopResult {
  /** Text of a file after the run. */
  read(path: string): string;
  /** Paths of files that differ from before the run, sorted. */
  readonly changed: readonly string[];
}

export interface Repository {
  readonly folder: string;
  readonly executor: ToolExecutor;
}

/** Writes a small repository of our own into a temporary folder, removed after the test. */
export function makeRepository(files: Readonly<Record<string, string>>, testCommand = "node --test"): Repository {
  const root = mkdtempSync(join(tmpdir(), "agent-test-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, "repository");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const base = join(root, "base");
  cpSync(folder, base, { recursive: true });
  return { folder, executor: new ToolExecutor(folder, base, testCommand, join(root, "none"), "none") };
}

/** Lets the agent work on a request in a repository, through real tools. */
export async function work(
  { folder, executor }: Repository,
  mode: string,
  prompt: string,
  testCommand = "node --test",
): Promise<AgentRun> {
  const before = new Map(listFiles(folder).map((path) => [path, readFileSync(join(folder, path), "utf8")]));
  const request = `Mode: ${mode}\nRepository: example/sample (base branch main)\nTest command: ${testCommand}\n\nRequest:\n${prompt}`;
  const result = await runAgent(request, executor);
  const read = (path: string): string => readFileSync(join(folder, path), "utf8");
  const after = listFiles(folder);
  const changed = [...new Set([...before.keys(), ...after])]
    .filter((path) => !after.includes(path) || before.get(path) !== read(path))
    .sort();
  return { ...result, read, changed };
}
