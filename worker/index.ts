import { createApp } from "./app.ts";
import { compose, missingSettings, type Env } from "./compose.ts";
import { sweep } from "./crons/sweep.ts";
import { handleMessages } from "./queues/messages.ts";

export { BoardObject } from "../durable-objects/board/board-object.ts";
export { FeedObject } from "../durable-objects/feed/feed-object.ts";
export { RunObject } from "../durable-objects/run/run-object.ts";

const app = createApp();

export default {
  fetch(request, env, context) {
    const missing = missingSettings(env);
    if (missing.length > 0) {
      return Response.json(
        { code: "unavailable", detail: `This deployment lacks settings: ${missing.join(", ")}.` },
        { status: 503 },
      );
    }
    return app.fetch(request, { compose: () => compose(env, (work) => context.waitUntil(work)) }, context);
  },
  async queue(batch, env, context) {
    await handleMessages(
      compose(env, (work) => context.waitUntil(work)),
      batch,
    );
  },
  async scheduled(_controller, env, context) {
    await sweep(compose(env, (work) => context.waitUntil(work)));
  },
} satisfies ExportedHandler<Env>;
