import type { ToolCall } from "../wire/conversation.ts";
import { tool } from "./work.ts";
import type { ToolResult, Work } from "./work.ts";

/** A path of the repository in `folder`, from the workspace's root; `folder` is "" where the root is the repository. */
export function pathIn(folder: string, path: string): string {
  return folder === "" ? path : `${folder}/${path}`;
}

/** The folder that a path from the workspace's root begins with. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.indexOf("/")));
}

/** The call that runs the tests of the repository in `folder`; "" where there is only one. */
export function testsIn(folder: string): ToolCall {
  return tool("run_tests", folder === "" ? {} : { repository: folder });
}

/**
 * Does work that knows only one repository in one folder of a workspace with several: its calls get the folder before their
 * paths, and the paths in their results lose it.
 */
export function* inFolder<Result>(folder: string, work: Work<Result>): Work<Result> {
  let step = work.next([]);
  while (step.done !== true) {
    const { calls, text } = step.value;
    const results = yield { text, calls: calls.map((call) => intoFolder(folder, call)) };
    step = work.next(results.map((result, index) => outOfFolder(folder, calls[index]?.name, result)));
  }
  return step.value;
}

function intoFolder(folder: string, call: ToolCall): ToolCall {
  const input = Object.fromEntries(Object.entries(typeof call.input === "object" ? (call.input ?? {}) : {}));
  const { command, path } = input;
  switch (call.name) {
    case "read_file":
    case "edit_file":
    case "write_file":
    case "list_files":
    case "grep":
    case "git_diff":
    case "git_log":
      return {
        name: call.name,
        input: { ...input, path: typeof path === "string" && path !== "" ? pathIn(folder, path) : folder },
      };
    case "shell":
      return { name: call.name, input: { ...input, command: `cd ./${folder} || exit 1\n${String(command)}` } };
    case "run_tests":
      return { name: call.name, input: { ...input, repository: folder } };
    default:
      return call;
  }
}

function outOfFolder(folder: string, name: string | undefined, result: ToolResult): ToolResult {
  if (result.isError || (name !== "list_files" && name !== "grep")) return result;
  const lines = result.content.split("\n").map((line) => {
    const path = line.replace(/^\.\//u, "");
    return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : line;
  });
  return { ...result, content: lines.join("\n") };
}
