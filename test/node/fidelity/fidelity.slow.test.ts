import { afterAll, beforeAll, it } from "vitest";
import { Walks } from "./walk.ts";

let walks: Walks;
beforeAll(async () => {
  walks = await Walks.start();
});
afterAll(async () => walks?.close());

const hundreds = Array.from({ length: 10 }, (_, index) => 100 * index);
it.each(hundreds)(
  "what a sandbox holds is what is shown, approved and written, from seed %i on",
  async (before) => {
    await walks.walkAll(before + 1, before + 100);
  },
  600_000,
);
