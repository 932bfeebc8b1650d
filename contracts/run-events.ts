import * as z from "zod";
import { timeMsSchema } from "./common.ts";
import { runEventPayloads, type RunEventType } from "./run-event-payloads.ts";

export { runEventPayloads, type RunEventType } from "./run-event-payloads.ts";
export { eventVersion } from "./run-event-versions.ts";
export * from "./run-documents.ts";
export type { TestCases, TestReport } from "./test-report.ts";
export type { Usage } from "./usage.ts";

export type RunEventData<T extends RunEventType> = z.infer<(typeof runEventPayloads)[T]>;
export const runEventTypes = Object.keys(runEventPayloads) as readonly RunEventType[];

/** One thing that happened in a run. `seq` is dense from 1. */
export type RunEvent = {
  [T in RunEventType]: {
    readonly seq: number;
    readonly atMs: number;
    /** Version of the payload; the API always sends today's. */
    readonly v: number;
    readonly type: T;
    readonly data: RunEventData<T>;
  };
}[RunEventType];

/** An event before it is numbered. */
export type NewRunEvent = { [T in RunEventType]: { readonly type: T; readonly data: RunEventData<T> } }[RunEventType];

/** An event of any type whose payload is still to be read, by `runEventPayloads[type]`. */
export const runEventSchema = z.object({
  seq: z.int(),
  atMs: timeMsSchema,
  v: z.int().min(1),
  type: z.enum(runEventTypes as [RunEventType, ...RunEventType[]]),
  data: z.unknown(),
});

/**
 * Frames of a run's socket, server to browser. Numbered events arrive in order without a gap from `since` + 1; `delta`
 * frames have no number and are superseded by the next event of their turn. A browser sends `ping` (answered `pong`), and sends back
 * each text that begins with `mark ` once it has read it: a socket that leaves them unread is closed as too slow.
 */
export type RunFrame =
  | { readonly t: "events"; readonly events: readonly RunEvent[] }
  | { readonly t: "live"; readonly headSeq: number }
  | {
      readonly t: "delta";
      readonly stage: string;
      readonly turn: number;
      readonly kind: "text" | "thinking";
      readonly text: string;
    }
  | { readonly t: "output"; readonly callId: string; readonly text: string };

/** The text that a socket's reader sends back begins with this. */
export const socketMark = "mark ";

/** Close codes of sockets. */
export const socketClose = { signedOut: 4401, forbidden: 4403, notFound: 4404, tooSlow: 4408 } as const;
