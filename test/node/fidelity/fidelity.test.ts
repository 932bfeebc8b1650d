import { afterAll, beforeAll, it } from "vitest";
import { Walks } from "./walk.ts";

let walks: Walks;
beforeAll(async () => {
  walks = await Walks.start();
});
afterAll(async () => walks?.close());

it("what a sandbox holds is what is shown, approved and written, as git itself would write it", async () => {
  await walks.walkAll(1, 4);
}, 60_000);
