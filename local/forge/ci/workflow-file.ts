/** The settings of a workflow file, by a tolerant reading of its lines: enough to run a repository's tests, not a YAML parser. */
export interface WorkflowFile {
  readonly name: string | undefined;
  /** True when `on` mentions push or pull_request. */
  readonly runsOnPush: boolean;
  /** The first command of a `run:` that mentions a test; undefined when none does. */
  readonly testCommand: string | undefined;
  readonly timeoutMs: number | undefined;
}

function unquote(value: string): string {
  return value.trim().replace(/^(["'])(.*)\1$/, "$2");
}

function withoutComment(line: string): string {
  return line.replace(/(^|\s)#.*$/, "$1").trimEnd();
}

/** The inline value of a top-level key and the indented lines under it. */
function topLevel(lines: readonly string[], key: RegExp): string[] | undefined {
  const start = lines.findIndex((line) => key.test(line));
  if (start < 0) return undefined;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.trim() !== "" && !/^[\s-]/.test(line));
  return [(lines[start] ?? "").replace(key, ""), ...(end < 0 ? rest : rest.slice(0, end))];
}

function mentionsTest(command: string): boolean {
  return /\b(test|tests|vitest|jest|mocha|pytest)\b/.test(command);
}

/** Commands of every `run:`, one line each, in order. */
function* commands(lines: readonly string[]): Generator<string> {
  for (const [position, line] of lines.entries()) {
    const [, indent, value] = /^(\s*(?:-\s+)?)run:\s*(.*)$/.exec(line) ?? [];
    if (indent === undefined || value === undefined) continue;
    if (!/^[|>][+-]?\d*\s*$/.test(value)) {
      yield unquote(withoutComment(value));
      continue;
    }
    for (const inner of lines.slice(position + 1)) {
      if (inner.trim() === "") continue;
      if ((/^\s*/.exec(inner)?.[0].length ?? 0) <= indent.length) break;
      yield inner.trim();
    }
  }
}

/** Reads the text of a workflow file. Never throws; it ignores lines that it doesn't understand. */
export function readWorkflowFile(text: string): WorkflowFile {
  const lines = text.split(/\r?\n/);
  const triggers = topLevel(lines, /^["']?on["']?\s*:/) ?? [];
  const name = unquote(withoutComment(topLevel(lines, /^name\s*:/)?.[0] ?? ""));
  const minutes = /^\s*timeout-minutes:\s*(\d+(?:\.\d+)?)\s*$/m.exec(text)?.[1];
  const testCommand = [...commands(lines)].find(
    (command) => mentionsTest(command) && !command.includes("${{") && !command.startsWith("#"),
  );
  return {
    name: name === "" ? undefined : name,
    runsOnPush: triggers.map(withoutComment).some((line) => /\b(push|pull_request)\b/.test(line)),
    testCommand,
    timeoutMs: minutes === undefined ? undefined : Math.round(Number(minutes) * 60_000),
  };
}
