/** Receives the progress of a stack's start. */
export interface StackLog {
  /** A part is up: its name, its address or version, and its start time in ms. */
  part(name: string, detail: string, elapsedMs: number): void;
  /** Anything else that the person should know, in one line. */
  note(text: string): void;
}

const nameWidth = 14;
const detailWidth = 54;

/** One aligned status line: tick, name, detail, time. */
export function statusLine(name: string, detail: string, elapsedMs: number): string {
  const seconds = `${(elapsedMs / 1000).toFixed(1)} s`.padStart(7);
  return `  ✓ ${name.padEnd(nameWidth)} ${detail.padEnd(detailWidth)} ${seconds}`;
}

/** A log that prints to standard output. */
export function printingLog(): StackLog {
  return {
    part(name, detail, elapsedMs) {
      console.log(statusLine(name, detail, elapsedMs));
    },
    note(text) {
      console.log(`  · ${text}`);
    },
  };
}

/** A log that keeps quiet, for tests. */
export const silentLog: StackLog = {
  part() {
    // This log is discarded.
  },
  note() {
    // This log is discarded.
  },
};

/** Runs one part's start and logs its result. */
export async function timed<T>(
  log: StackLog,
  name: string,
  work: () => Promise<T>,
  describe: (result: T) => string,
): Promise<T> {
  const startedAt = performance.now();
  const result = await work();
  log.part(name, describe(result), performance.now() - startedAt);
  return result;
}
