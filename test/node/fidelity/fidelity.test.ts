import { afterAll, beforeAll, it } from "vitest";
import { Walks } from "./walk.ts";

let walks: Walks;
beforeAll(async () => {
  walks = await Walks.start();
});
afterAll(async () => walks?.close());

it("the content of a sandbox is the one that is shown, approved and written, as git itself would write it", async () => {
  await walks.walkAll(1, 4);
}, 60_000);
