import * as z from "zod";

/** The other sides' own record of requests, which the product can't change. */
export const outsideLedgerSchema = z.object({
  /** Requests of any kind since the last reset. */
  requests: z.array(z.string()),
  /** Model calls that were answered, as the vendor would bill them. `callId` is `run-<id>:<stage>:...`. */
  modelCalls: z.array(
    z.object({ callId: z.string(), requestId: z.string(), inputTokens: z.int(), outputTokens: z.int() }),
  ),
  commits: z.array(z.object({ owner: z.string(), sha: z.string(), message: z.string() })),
  branches: z.array(z.object({ owner: z.string(), name: z.string(), sha: z.string() })),
  pulls: z.array(
    z.object({ owner: z.string(), number: z.int(), branch: z.string(), sha: z.string(), body: z.string() }),
  ),
  /** Commands that were begun in sandboxes. */
  commands: z.array(z.object({ sandbox: z.string(), execId: z.string(), command: z.string() })),
  openSandboxes: z.array(z.string()),
});
export type OutsideLedger = z.infer<typeof outsideLedgerSchema>;

/** The effect of a fault: answer without doing anything, do it and lose the answer, or keep the request before or after doing it. */
export const faultSchema = z.strictObject({
  /** Regular expression over `METHOD url`. */
  match: z.string(),
  how: z.enum(["fail", "lose", "hold_before", "hold_after"]),
  /** Matching requests that pass untouched first. */
  skip: z.int().min(0).default(0),
  times: z.int().min(1).default(1),
  status: z.int().default(502),
});
export type Fault = z.input<typeof faultSchema>;
