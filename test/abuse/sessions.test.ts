import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import * as z from "zod";
import { socketClose } from "../../contracts/run-events.ts";
import { ApiClient } from "../../local/stack/client.ts";
import { startFixture, type Fixture } from "../stack-fixture.ts";

const anyBody = z.unknown();
let fixture: Fixture;

beforeAll(async () => {
  fixture = await startFixture();
});

afterAll(async () => {
  await fixture?.close();
});

/** A socket on a run with a client's cookies, with what it saw and how it was closed. */
async function watch(
  client: ApiClient,
  runId: string,
): Promise<{ readonly frames: string[]; readonly closed: Promise<number> }> {
  const { url } = fixture.stack;
  const cookie = client.http.jar.header(new URL(url));
  const socket = new WebSocket(`${url.replace("http", "ws")}/api/runs/${runId}/socket?since=0`, {
    headers: { cookie, origin: url },
  });
  const frames: string[] = [];
  socket.on("message", (data: Buffer) => frames.push(data.toString()));
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  // The server has sent its close frame; the client need not wait for the connection's own end.
  const timer = setInterval(() => {
    if (socket.readyState === WebSocket.CLOSING) socket.terminate();
  }, 20);
  void closed.then(() => clearInterval(timer));
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return { frames, closed };
}

test("signing out closes the session's sockets, and no other session's", async () => {
  const model = { ...fixture.target, mode: "implement" as const, prompt: "sign-out" };
  await fixture.script("sign-out", [{ toolCalls: [{ name: "shell", input: { command: "sleep 20" } }] }]);
  const run = await fixture.client.startRun(model);
  const other = new ApiClient(fixture.stack.url);
  await other.signIn("lime-dev");
  const leaving = await watch(other, run.id);
  const staying = await watch(fixture.client, run.id);
  await other.http.api(anyBody, "POST", "/api/auth/sign-out", {});
  expect(await leaving.closed).toBe(socketClose.signedOut);
  const seenByLeaving = leaving.frames.length;
  await fixture.client.cancel(run.id);
  await expect.poll(() => staying.frames.some((frame) => frame.includes("CANCELLED"))).toBe(true);
  expect(leaving.frames).toHaveLength(seenByLeaving);
  await expect(watch(other, run.id)).rejects.toThrow("401");
});

test.each(["/", "/runs/1", "/settings"])(
  "the page at %s takes scripts from itself alone and can't be framed",
  async (path) => {
    const { headers, status } = await fetch(new URL(path, fixture.stack.url), { headers: { accept: "text/html" } });
    expect(status).toBe(200);
    const policy = new Map(
      (headers.get("content-security-policy") ?? "").split(";").map((directive) => {
        const [name = "", ...values] = directive.trim().split(" ");
        return [name, values.join(" ")];
      }),
    );
    expect(policy.get("script-src") ?? policy.get("default-src")).toBe("'self'");
    expect(policy.get("frame-ancestors")).toBe("'none'");
    expect(policy.get("object-src")).toBe("'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  },
);
