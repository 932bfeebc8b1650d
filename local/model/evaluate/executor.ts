import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type * as z from "zod";
import { toolInputs } from "../agent/tool-inputs.ts";
import type { ToolResult } from "../agent/work.ts";

export interface CommandResult {
  readonly code: number;
  readonly output: string;
}

/** Where commands run: in bubblewrap without network and with only the folder writable, or as they are (own code only). */
export type Isolation = "bubblewrap" | "none";

/** A minimal stand-in for the product's tools over a folder: the same inputs, the same result texts. */
export class ToolExecutor {
  readonly #folder: string;
  readonly #base: string;
  readonly #testCommand: string;
  readonly #dependencies: string;
  readonly #isolation: Isolation;

  /** `base`: an untouched copy for diffs; `dependencies`: a node_modules folder that commands see. */
  constructor(folder: string, base: string, testCommand: string, dependencies: string, isolation: Isolation) {
    this.#isolation = isolation;
    this.#folder = folder;
    this.#base = base;
    this.#testCommand = testCommand;
    this.#dependencies = dependencies;
  }

  /** Runs one tool call; wrong input and failures come back as an error result, never as an exception. */
  async call(name: string, input: unknown): Promise<ToolResult> {
    try {
      return { content: await this.#run(name, input), isError: false };
    } catch (error) {
      return { content: error instanceof Error ? error.message : String(error), isError: true };
    }
  }

  /** Runs the test command, at most 40 seconds. */
  tests(): Promise<CommandResult> {
    return this.command(this.#testCommand, 40);
  }

  async #run(name: string, input: unknown): Promise<string> {
    switch (name) {
      case "read_file": {
        const { path, offset = 1, limit = 2000 } = toolInputs.read_file.parse(input);
        const lines = readFileSync(this.#path(path), "utf8").replace(/\n$/u, "").split("\n");
        return lines
          .slice(offset - 1, offset - 1 + limit)
          .map((line, index) => `${String(offset + index).padStart(6)}\t${line}`)
          .join("\n");
      }
      case "list_files":
        return listFiles(this.#folder).join("\n");
      case "grep": {
        const { pattern, path = "" } = toolInputs.grep.parse(input);
        const regex = new RegExp(pattern, "u");
        return listFiles(this.#folder)
          .filter((file) => file.startsWith(path))
          .flatMap((file) =>
            readFileSync(this.#path(file), "utf8")
              .split("\n")
              .flatMap((line, index) => (regex.test(line) ? [`${file}:${index + 1}:${line}`] : [])),
          )
          .join("\n");
      }
      case "edit_file":
        return this.#edit(toolInputs.edit_file.parse(input));
      case "write_file": {
        const { path, content } = toolInputs.write_file.parse(input);
        mkdirSync(dirname(this.#path(path)), { recursive: true });
        writeFileSync(this.#path(path), content);
        return `Wrote ${path}.`;
      }
      case "shell": {
        const { command, timeout_seconds = 120 } = toolInputs.shell.parse(input);
        return shown(await this.command(command, timeout_seconds));
      }
      case "run_tests":
        return shown(await this.tests());
      case "git_diff":
        return (await this.command(`diff -ru ${this.#base} . --exclude=node_modules`, 20)).output;
      default:
        throw new Error(`Unknown tool: ${name}`);
    }
  }

  #edit({ path, old_string, new_string, replace_all }: z.infer<typeof toolInputs.edit_file>): string {
    const text = readFileSync(this.#path(path), "utf8");
    const times = text.split(old_string).length - 1;
    if (times === 0) throw new Error(`${path} does not contain that text.`);
    if (times > 1 && replace_all !== true) throw new Error(`${path} contains that text ${times} times.`);
    writeFileSync(
      this.#path(path),
      text.replaceAll(old_string, () => new_string),
    );
    return `Edited ${path}.`;
  }

  #path(path: string): string {
    const full = resolve(this.#folder, path);
    if (relative(this.#folder, full).startsWith("..")) throw new Error(`${path} is outside of the repository.`);
    return full;
  }

  /** Runs a shell command in the sandbox; 124 when it took too long. */
  command(command: string, timeoutSeconds: number): Promise<CommandResult> {
    const node = dirname(process.execPath);
    const env = {
      PATH: `${this.#dependencies}/.bin:${node}:/usr/bin:/bin`,
      HOME: "/tmp",
      NO_COLOR: "1",
      CI: "1",
      NODE_PATH: "",
    };
    const argv = [
      "--ro-bind",
      "/",
      "/",
      "--dev",
      "/dev",
      "--proc",
      "/proc",
      "--tmpfs",
      "/tmp",
      "--bind",
      this.#folder,
      this.#folder,
      "--ro-bind",
      this.#base,
      this.#base,
      "--ro-bind",
      this.#dependencies,
      this.#dependencies,
      "--unshare-all",
      "--die-with-parent",
      "--chdir",
      this.#folder,
      "sh",
      "-c",
      command,
    ];
    const [program = "sh", ...rest] = this.#isolation === "bubblewrap" ? ["bwrap", ...argv] : ["sh", "-c", command];
    return new Promise((done, fail) => {
      const child = spawn(program, rest, { cwd: this.#folder, env, stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      const keep = (chunk: Buffer): void => {
        if (output.length < 60_000) output += chunk.toString("utf8");
      };
      child.stdout.on("data", keep);
      child.stderr.on("data", keep);
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        child.kill("SIGKILL");
      }, timeoutSeconds * 1000);
      child.on("error", fail);
      child.on("close", (code) => {
        clearTimeout(timer);
        done({ code: late ? 124 : (code ?? 137), output });
      });
    });
  }
}

function shown({ code, output }: CommandResult): string {
  return `exit code: ${code}\n${output}`;
}

/** Files of a folder, relative, sorted, without node_modules and .git. */
export function listFiles(folder: string, inside = ""): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(join(folder, inside), { withFileTypes: true })
    .filter((entry) => entry.name !== "node_modules" && entry.name !== ".git")
    .flatMap((entry) =>
      entry.isDirectory()
        ? listFiles(folder, join(inside, entry.name))
        : entry.isFile()
          ? [join(inside, entry.name)]
          : [],
    )
    .sort();
}
