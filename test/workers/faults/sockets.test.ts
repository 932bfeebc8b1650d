import { beforeEach, expect, test } from "vitest";
import { systemCaller } from "../../../worker/ports/run-host.ts";
import { resetOutside } from "./outside-control.ts";
import { runObject, RunWorld } from "./run-world.ts";

beforeEach(resetOutside);

test("a socket whose session ended after it was checked is refused by the run's object; another session's is not", async () => {
  const world = await RunWorld.make();
  const { id } = await world.start("note-ended-session");
  const open = (session: string): Promise<Response> =>
    runObject(id).fetch("http://run.test/", { headers: { upgrade: "websocket", "x-run-session": session } });
  await runObject(id).command(systemCaller("sign-out"), { kind: "close_sockets", sessionKey: "4711" });
  expect((await open("4711")).status).toBe(401);
  const other = await open("4712");
  expect(other.status).toBe(101);
  other.webSocket?.accept();
  other.webSocket?.close();
  await world.approveToEnd(id);
});
