import { eventFrames } from "../socket-hub.ts";
import type { RunStore } from "./store.ts";

/** Events that are read at once. */
const page = 2_000;

/** The frames that bring a socket from event `since` to the log's head, and the frame that marks its end. */
export function* catchUpFrames(store: RunStore, since: number): Generator<string> {
  for (let from = since; ;) {
    const texts = store.eventTexts(from, page);
    yield* eventFrames(texts, "events");
    if (texts.length < page) break;
    from += page;
  }
  yield `{"t":"live","headSeq":${store.headSeq()}}`;
}
