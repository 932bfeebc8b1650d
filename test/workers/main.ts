import type { Env } from "../../worker/compose.ts";
import worker, {
  BoardObject as ProductBoardObject,
  FeedObject as ProductFeedObject,
  RunObject as ProductRunObject,
} from "../../worker/index.ts";
import { objectDatabase } from "./faults/d1-faults.ts";

/** The product's own object, over a database that tests can make fail. */
export class RunObject extends ProductRunObject {
  constructor(state: DurableObjectState, env: Env) {
    super(state, { ...env, DB: objectDatabase.over(env.DB) });
  }
}

/** The same for the product's boards. */
export class BoardObject extends ProductBoardObject {
  constructor(state: DurableObjectState, env: Env) {
    super(state, { ...env, DB: objectDatabase.over(env.DB) });
  }
}

/** And for the tenants' feeds. */
export class FeedObject extends ProductFeedObject {
  constructor(state: DurableObjectState, env: Env) {
    super(state, { ...env, DB: objectDatabase.over(env.DB) });
  }
}

/** Bodies of messages that came to the dead-letter queue. */
export const deadLetters: unknown[] = [];

/** The product's own Worker; what its queue gives up is kept for the tests. */
export default {
  fetch: (request, env, context) => worker.fetch(request, env, context),
  scheduled: (controller, env, context) => worker.scheduled(controller, env, context),
  async queue(batch, env, context) {
    if (batch.queue !== "lime-dead") return worker.queue(batch, env, context);
    for (const message of batch.messages) deadLetters.push(message.body);
  },
} satisfies ExportedHandler<Env>;
