import * as z from "zod";
import { handleDelivery, type DeliveryDeps } from "../services/delivery/handle-delivery.ts";
import { startOnHost } from "../services/run/dispatch-run.ts";

/** The messages of our queues. */
export const queueMessageSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("run"), tenantId: z.int(), runId: z.int() }),
  z.object({ kind: z.literal("delivery"), id: z.int() }),
]);
export type QueueMessage = z.infer<typeof queueMessageSchema>;

/** Handles each message by itself: a failing one is retried and, in the end, goes to the dead-letter queue; the others are done. */
export async function handleMessages(deps: DeliveryDeps, messages: MessageBatch): Promise<void> {
  for (const message of messages.messages) {
    const parsed = queueMessageSchema.safeParse(message.body);
    if (!parsed.success) {
      deps.log("error", "unknown queue message", { queue: messages.queue, messageId: message.id });
      message.retry();
      continue;
    }
    try {
      if (parsed.data.kind === "run") await startOnHost(deps, parsed.data.tenantId, parsed.data.runId);
      else await handleDelivery(deps, parsed.data.id);
      message.ack();
    } catch (error) {
      deps.log("warn", "queue message failed", { queue: messages.queue, messageId: message.id, detail: String(error) });
      message.retry({ delaySeconds: Math.min(300, 2 ** message.attempts) });
    }
  }
}
