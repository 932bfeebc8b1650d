import { PortError } from "../../ports/errors.ts";
import type { LlmDelta, LlmRequest, LlmSpent } from "../../ports/llm.ts";

/** Milliseconds that a call may take: between two stream events, and altogether. */
export interface CallDeadlines {
  readonly idleMs: number;
  readonly totalMs: number;
}

/** The longest answers take a quarter of an hour, which is also all that an alarm of a Durable Object may last. */
export const defaultDeadlines: CallDeadlines = { idleMs: 120_000, totalMs: 840_000 };

/** The means of a running call: a signal that ends its requests, and its ways to the outside. */
export interface LiveCall {
  readonly signal: AbortSignal;
  /** To be called at each sign of life from the vendor. */
  readonly touch: () => void;
  /** Hands a delta to the watchers; does nothing once the call is over, and a failing watcher doesn't fail the call. */
  readonly emit: (delta: LlmDelta) => void;
  /** Names the reader of what the call has used so far, which goes with its error; undefined while the vendor has not begun. */
  readonly meter: (read: () => LlmSpent | undefined) => void;
}

/**
 * Runs one model call under its deadlines. Rejects as soon as `request.signal` fires (permanent PortError `aborted`) or a
 * deadline passes (transient `timeout`), without waiting for the vendor's client to notice, and ends its request.
 */
export function runCall<T>(
  request: Pick<LlmRequest, "signal" | "onDelta">,
  deadlines: CallDeadlines,
  work: (call: LiveCall) => Promise<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const controller = new AbortController();
    let over = false;
    let readSpent: () => LlmSpent | undefined = () => undefined;
    let idleTimer: ReturnType<typeof setTimeout> | undefined;

    const end = (): boolean => {
      if (over) return false;
      over = true;
      clearTimeout(idleTimer);
      clearTimeout(totalTimer);
      request.signal.removeEventListener("abort", onAbort);
      return true;
    };
    const stop = (error: PortError): void => {
      if (!end()) return;
      reject(withSpent(error, readSpent()));
      controller.abort();
    };
    const onAbort = (): void => stop(new PortError("llm", "permanent", "aborted", "The model call was aborted."));
    const onTimeout = (what: string): void => stop(new PortError("llm", "transient", "timeout", what));
    const touch = (): void => {
      if (over) return;
      clearTimeout(idleTimer);
      idleTimer = setTimeout(() => onTimeout(`The model sent nothing for ${deadlines.idleMs} ms.`), deadlines.idleMs);
    };
    const emit = (delta: LlmDelta): void => {
      if (over) return;
      try {
        request.onDelta(delta);
      } catch {
        // An error of a watcher must not lose a turn that is paid for.
      }
    };

    const totalTimer = setTimeout(
      () => onTimeout(`The model call took more than ${deadlines.totalMs} ms.`),
      deadlines.totalMs,
    );
    if (request.signal.aborted) {
      onAbort();
      return;
    }
    request.signal.addEventListener("abort", onAbort, { once: true });
    touch();
    const meter: LiveCall["meter"] = (read) => {
      readSpent = read;
    };
    work({ signal: controller.signal, touch, emit, meter }).then(
      (value) => {
        if (end()) resolve(value);
      },
      (error: unknown) => {
        if (end()) reject(withSpent(error, readSpent()));
      },
    );
  });
}

function withSpent(error: unknown, spent: LlmSpent | undefined): unknown {
  return error instanceof PortError && spent !== undefined ? error.withSpent(spent) : error;
}

/** A stream that ended before the vendor ended the turn. */
export function streamCut(detail: string): PortError {
  return new PortError("llm", "transient", "stream_cut", `The model's stream was cut: ${detail}`);
}

/** The run's part of a call id, before the first `/` or `:`: the same for all calls of one run. */
export function runKeyOf(callId: string): string {
  return callId.split(/[/:]/, 1)[0] ?? callId;
}
