import type { Readable } from "node:stream";
import { BoundedOutput, type OutputChannel } from "./bounded-output.ts";
import { programExists, startCommand, type Command, type CommandSpec } from "./command.ts";
import type { MuxStream } from "./mux.ts";

export interface ExecOutcome {
  readonly exitCode: number;
  readonly truncated: boolean;
  readonly timedOut: boolean;
  readonly cancelled: boolean;
}

/**
 * Runs a command: stdin comes in as data, stdout and stderr go out as they come, within `maxOutputBytes`. Ends when every
 * process of the command is gone, which a timeout or a cancel brings about by force.
 */
export async function exec(
  stream: MuxStream,
  spec: CommandSpec,
  limits: { readonly timeoutMs: number; readonly maxOutputBytes: number },
): Promise<ExecOutcome> {
  const output = new BoundedOutput(limits.maxOutputBytes);
  const cancelSignal = stream.cancelled.signal;
  if (!(await programExists(spec))) {
    const message = Buffer.from(`${spec.argv[0] ?? ""}: command not found\n`);
    await stream.data(output.push("error-data", message), "error-data");
    return { exitCode: 127, truncated: false, timedOut: false, cancelled: false };
  }
  const command = await startCommand(spec);
  let stoppedBy: "timeout" | "cancel" | undefined;
  let running = true;
  const stop = (reason: "timeout" | "cancel") => {
    if (!running) return;
    stoppedBy ??= reason;
    command.kill();
  };
  const timer = setTimeout(stop, limits.timeoutMs, "timeout");
  const onCancel = () => stop("cancel");
  cancelSignal.addEventListener("abort", onCancel);
  if (cancelSignal.aborted) onCancel();
  void feed(stream, command, () => running);
  try {
    const pumps = Promise.all([
      pump(command.stdout, "data", stream, output),
      pump(command.stderr, "error-data", stream, output),
    ]);
    pumps.catch(() => {});
    const exitCode = await command.exited;
    running = false;
    clearTimeout(timer);
    await pumps;
    const { pieces, truncated } = output.finish();
    for (const piece of pieces) await stream.data(piece.bytes, piece.channel);
    return { exitCode, truncated, timedOut: stoppedBy === "timeout", cancelled: stoppedBy === "cancel" };
  } finally {
    running = false;
    clearTimeout(timer);
    cancelSignal.removeEventListener("abort", onCancel);
    command.kill();
  }
}

async function pump(source: Readable, channel: OutputChannel, stream: MuxStream, output: BoundedOutput): Promise<void> {
  for await (const chunk of source) {
    if (!Buffer.isBuffer(chunk)) continue;
    const live = output.push(channel, chunk);
    if (live.byteLength > 0) await stream.data(live, channel);
  }
}

/** Passes the stream's data to the command's stdin, at the command's pace, until its end frame. */
async function feed(stream: MuxStream, command: Command, isRunning: () => boolean): Promise<void> {
  try {
    while (isRunning()) {
      const message = await stream.next();
      if (message.kind === "end") {
        command.stdin.end();
        return;
      }
      if (message.kind !== "data" || !command.stdin.writable) continue;
      if (!command.stdin.write(message.bytes)) await drained(command);
    }
  } catch {
    command.stdin.destroy();
  }
}

async function drained(command: Command): Promise<void> {
  await Promise.race([
    new Promise<void>((resolve) => {
      command.stdin.once("drain", resolve);
      command.stdin.once("close", resolve);
    }),
    command.exited.then(
      () => {},
      () => {},
    ),
  ]);
}
