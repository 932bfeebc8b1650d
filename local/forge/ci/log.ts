import { closeSync, existsSync, mkdirSync, openSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const maxLogBytes = 16 * 1024 * 1024;

function logFile(dataDir: string, jobId: number): string {
  return join(dataDir, "logs", `${jobId}.log`);
}

/** A job's log so far; empty when it has not begun. */
export async function readLog(dataDir: string, jobId: number): Promise<string> {
  const file = logFile(dataDir, jobId);
  return existsSync(file) ? readFile(file, "utf8") : "";
}

/** Writes a job's log as GitHub does: each line begins with its UTC time. */
export class LogWriter {
  readonly #file: number;
  readonly #now: () => number;
  #rest = "";
  #sizeBytes = 0;

  /** Starts the job's log anew. */
  constructor(dataDir: string, jobId: number, now: () => number) {
    mkdirSync(join(dataDir, "logs"), { recursive: true });
    this.#file = openSync(logFile(dataDir, jobId), "w");
    this.#now = now;
  }

  /** Output in pieces of any size. */
  write(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.line(line);
  }

  /** One whole line, without its newline. */
  line(text: string): void {
    if (this.#sizeBytes > maxLogBytes) return;
    const stamp = new Date(this.#now()).toISOString().replace("Z", "0000Z");
    this.#sizeBytes += writeSync(this.#file, `${stamp} ${text.replace(/\r$/, "")}\n`);
    if (this.#sizeBytes > maxLogBytes)
      writeSync(this.#file, `${stamp} ##[error]The log is over ${maxLogBytes} bytes; the rest is left out.\n`);
  }

  close(): void {
    if (this.#rest !== "") this.line(this.#rest);
    this.#rest = "";
    closeSync(this.#file);
  }
}
