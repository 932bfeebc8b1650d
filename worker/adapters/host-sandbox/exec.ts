import {
  sandboxCancelResponse,
  sandboxExecFrame,
  sandboxHostPaths,
  type SandboxExecFrame,
} from "../../../contracts/sandbox-host.ts";
import { toBase64 } from "../../base64.ts";
import { PortError } from "../../ports/errors.ts";
import type { ExecOptions, ExecResult } from "../../ports/sandbox.ts";
import { unreachable, within, type HostClient } from "./client.ts";

/** The host sends a sign of life every 5 s; after this much silence it counts as gone. */
const silenceMs = 30_000;
const cancelTimeoutMs = 10_000;

/** Tells the host to kill a command; true when it was running. */
export async function cancelExec(client: HostClient, id: string, execId: string): Promise<boolean> {
  const path = sandboxHostPaths.action(id, "cancel");
  const { cancelled } = await within(cancelTimeoutMs, (signal) =>
    client.json({ method: "POST", path, json: { execId }, signal }, sandboxCancelResponse),
  );
  return cancelled;
}

/** Runs a command and follows its frames to the last. An aborted signal cancels it and still waits for its end. */
export async function runExec(
  client: HostClient,
  id: string,
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  if (isAborted(options.signal)) return neverStarted;
  const execId = options.execId ?? crypto.randomUUID();
  const connection = new AbortController();
  const silence = new Deadline(silenceMs, () => connection.abort());
  let cancelling: Promise<unknown> | undefined;
  const onAbort = () => {
    // When the host can't be reached for a cancel, cutting the connection has the same effect.
    cancelling ??= cancelExec(client, id, execId).then(
      () => silence.restart(cancelTimeoutMs),
      () => connection.abort(),
    );
  };
  try {
    const response = await client.send({
      method: "POST",
      path: sandboxHostPaths.action(id, "exec"),
      json: {
        execId,
        argv,
        timeoutMs: options.timeoutMs,
        maxOutputBytes: options.maxOutputBytes,
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        ...(options.env === undefined ? {} : { env: options.env }),
        ...(options.stdin === undefined ? {} : { stdinBase64: toBase64(options.stdin) }),
      },
      signal: connection.signal,
    });
    // The command is known to the host from here on, so a cancel finds it.
    options.signal?.addEventListener("abort", onAbort);
    if (isAborted(options.signal)) onAbort();
    return await follow(response, options, silence);
  } catch (error) {
    throw unreachable(error);
  } finally {
    silence.stop();
    options.signal?.removeEventListener("abort", onAbort);
    await cancelling;
    // Ends the connection when the frames were not read to the end.
    connection.abort();
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

async function follow(response: Response, options: ExecOptions, silence: Deadline): Promise<ExecResult> {
  const kept: Record<"stdout" | "stderr", string[]> = { stdout: [], stderr: [] };
  for await (const frame of readFrames(response, silence)) {
    if (frame.type === "output") {
      kept[frame.stream].push(frame.text);
      options.onOutput?.(frame.stream, frame.text);
    } else if (frame.type === "exit") {
      const { type: _type, ...outcome } = frame;
      return { ...outcome, stdout: kept.stdout.join(""), stderr: kept.stderr.join("") };
    } else if (frame.type === "error") {
      throw new PortError("sandbox", frame.kind, frame.code, frame.detail);
    }
  }
  throw new PortError("sandbox", "transient", "host_unreachable", "the sandbox host broke off the command's output");
}

async function* readFrames(response: Response, silence: Deadline): AsyncGenerator<SandboxExecFrame> {
  const body: ReadableStream<Uint8Array> | null = response.body;
  if (body === null) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let pending: string[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    silence.restart(silenceMs);
    if (done) return;
    const [first = "", ...rest] = decoder.decode(value, { stream: true }).split("\n");
    pending.push(first);
    for (const piece of rest) {
      yield parseFrame(pending.join(""));
      pending = [piece];
    }
  }
}

function parseFrame(line: string): SandboxExecFrame {
  try {
    return sandboxExecFrame.parse(JSON.parse(line));
  } catch (cause) {
    throw new PortError("sandbox", "permanent", "bad_answer", "the sandbox host sent a frame that doesn't fit", {
      cause,
    });
  }
}

/** Calls `onEnd` unless it is restarted or stopped in time. */
class Deadline {
  readonly #onEnd: () => void;
  #timer: ReturnType<typeof setTimeout>;

  constructor(delayMs: number, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#timer = setTimeout(onEnd, delayMs);
  }

  restart(delayMs: number): void {
    this.stop();
    this.#timer = setTimeout(this.#onEnd, delayMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

const neverStarted: ExecResult = {
  exitCode: 137,
  stdout: "",
  stderr: "",
  truncated: false,
  timedOut: false,
  cancelled: true,
  durationMs: 0,
};
