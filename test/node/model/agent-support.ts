import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import * as z from "zod";
import type { ToolResult } from "../../../local/model/agent/work.ts";
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

export interface Workspace {
  readonly folder: string;
  /** The repositories' folders. */
  readonly folders: readonly string[];
  /** Calls as they came in, with their results. */
  readonly calls: { readonly name: string; readonly input: unknown; readonly result: ToolResult }[];
  call(name: string, input: unknown): Promise<ToolResult>;
}

const inRepository = z.strictObject({ repository: z.string() });

/** Puts copies of folders side by side under one root; tools take paths from the root, tests are run by folder. */
export function makeWorkspace(sources: Readonly<Record<string, string>>): Workspace {
  const root = mkdtempSync(join(tmpdir(), "agent-workspace-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, "workspace");
  for (const [name, source] of Object.entries(sources)) cpSync(source, join(folder, name), { recursive: true });
  const base = join(root, "base");
  cpSync(folder, base, { recursive: true });
  const executor = new ToolExecutor(folder, base, "exit 1", join(root, "none"), "none");
  const folders = Object.keys(sources);
  const calls: Workspace["calls"] = [];
  const run = async (name: string, input: unknown): Promise<ToolResult> => {
    if (name !== "run_tests") return executor.call(name, input);
    const { success, data } = inRepository.safeParse(input);
    if (!success || !folders.includes(data.repository)) return { content: "Name the repository.", isError: true };
    return executor.call("shell", { command: `cd ${data.repository} && npm test` });
  };
  return {
    folder,
    folders,
    calls,
    call: async (name, input) => {
      const result = await run(name, input);
      calls.push({ name, input, result });
      return result;
    },
  };
}

/** Lets the agent work on a request over a workspace's repositories, as the engine's first message states it. */
export async function workOver(workspace: Workspace, mode: string, prompt: string): Promise<AgentRun> {
  const repositories = workspace.folders.map((name) => `Repository: example/${name} (base branch main) in ${name}/`);
  return observed(workspace.folder, `Mode: ${mode}\n${repositories.join("\n")}\n\nRequest:\n${prompt}`, workspace);
}

/** Lets the agent work on a request in a repository, through real tools. */
export async function work(
  { folder, executor }: Repository,
  mode: string,
  prompt: string,
  testCommand = "node --test",
): Promise<AgentRun> {
  const request = `Mode: ${mode}\nRepository: example/sample (base branch main)\nTest command: ${testCommand}\n\nRequest:\n${prompt}`;
  return observed(folder, request, executor);
}

async function observed(folder: string, request: string, executor: Pick<ToolExecutor, "call">): Promise<AgentRun> {
  const before = new Map(listFiles(folder).map((path) => [path, readFileSync(join(folder, path), "utf8")]));
  const result = await runAgent(request, executor);
  const read = (path: string): string => readFileSync(join(folder, path), "utf8");
  const after = listFiles(folder);
  const changed = [...new Set([...before.keys(), ...after])]
    .filter((path) => !after.includes(path) || before.get(path) !== read(path))
    .sort();
  return { ...result, read, changed };
}
