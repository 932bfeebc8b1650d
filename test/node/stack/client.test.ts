import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { CookieJar } from "../../../local/stack/cookie-jar.ts";
import { HttpSession } from "../../../local/stack/http.ts";
import { followRun } from "../../../local/stack/run-socket.ts";
import { signInWithGitHub } from "../../../local/stack/sign-in.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => answer(request, response, body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { server, url: `http://127.0.0.1:${address.port}` };
}

test("cookies are kept by path and forgotten when they expire", () => {
  const jar = new CookieJar();
  const url = new URL("http://127.0.0.1:1/a");
  jar.keep(
    url,
    new Headers([
      ["set-cookie", "one=1; Path=/; HttpOnly"],
      ["set-cookie", "two=2; Path=/api"],
    ]),
  );
  expect(jar.header(new URL("http://127.0.0.1:2/"))).toBe("one=1");
  expect(jar.header(new URL("http://127.0.0.1:1/api/me"))).toBe("one=1; two=2");
  jar.keep(url, new Headers([["set-cookie", "one=; Max-Age=0"]]));
  expect(jar.header(url)).toBe("");
});

test("a refusal carries the problem's code and detail", async () => {
  const { url } = await serve((_request, response) => {
    response.writeHead(422, { "content-type": "application/problem+json" });
    response.end(
      JSON.stringify({
        type: "about:blank",
        title: "No",
        status: 422,
        code: "unknown_model",
        detail: "No such model.",
        requestId: "r1",
      }),
    );
  });
  const session = new HttpSession(url);
  const { z } = await import("zod");
  await expect(session.api(z.unknown(), "POST", "/api/runs", {})).rejects.toMatchObject({
    status: 422,
    problem: { code: "unknown_model" },
    message: /No such model/,
  });
});

test("the sign-in fills the forge's form as the person and keeps the cookies of every hop", async () => {
  const forge = await serve((request, response, body) => {
    if (request.method === "GET") {
      response.setHeader("content-type", "text/html");
      response.end(`<form method="post" action="/login/oauth/authorize"><input type="hidden" name="state" value="a&amp;b">
        <button type="submit" name="login" value="other">other</button><button type="submit" name="login" value="lime-dev">Lena</button></form>`);
      return;
    }
    const sent = new URLSearchParams(body);
    const to = new URL(`${product.url}/api/auth/callback`);
    to.searchParams.set("who", sent.getAll("login").join(","));
    to.searchParams.set("state", sent.get("state") ?? "");
    response.writeHead(302, { location: to.href }).end();
  });
  const product: { readonly url: string } = await serve((request, response) => {
    const at = new URL(request.url ?? "/", "http://x");
    if (at.pathname === "/api/auth/sign-in/social") {
      response.setHeader("set-cookie", "state=kept; Path=/");
      response.end(JSON.stringify({ url: `${forge.url}/login/oauth/authorize?x=1`, redirect: true }));
    } else if (at.pathname === "/api/auth/callback") {
      const good =
        at.searchParams.get("who") === "lime-dev" &&
        at.searchParams.get("state") === "a&b" &&
        request.headers.cookie === "state=kept";
      response
        .writeHead(302, { location: good ? "/" : "/sign-in?error=bad", "set-cookie": "session=s1; Path=/" })
        .end();
    } else response.end("home");
  });
  const session = new HttpSession(product.url);
  await signInWithGitHub(session, "lime-dev");
  expect(session.jar.header(new URL(product.url))).toContain("session=s1");
});

const notice = (seq: number): object => ({
  seq,
  atMs: 1,
  v: 1,
  type: "notice",
  data: { level: "info", message: `m${seq}` },
});

async function socketServer(frames: readonly object[]): Promise<string> {
  const { server, url } = await serve((_request, response) => response.end());
  new WebSocketServer({ server }).on("connection", (socket) => {
    for (const frame of frames) socket.send(JSON.stringify(frame));
    socket.close();
  });
  return `${url}/api/runs/1/socket`;
}

test("events come once and in order, over several frames", async () => {
  const url = await socketServer([
    { t: "events", events: [notice(4), notice(5)] },
    { t: "live", headSeq: 5 },
    { t: "delta", stage: "coder", turn: 1, kind: "text", text: "x" },
    { t: "events", events: [notice(6)] },
  ]);
  const seen: number[] = [];
  for await (const event of followRun(url, "", { since: 3 })) seen.push(event.seq);
  expect(seen).toEqual([4, 5, 6]);
});

test.each([
  [[1, 3], "event 3 came after event 1"],
  [[1, 2, 2], "event 2 came after event 2"],
])("numbers %j are refused", async (numbers, message) => {
  const url = await socketServer([{ t: "events", events: numbers.map(notice) }]);
  const read = async (): Promise<void> => {
    for await (const event of followRun(url, "")) void event;
  };
  await expect(read()).rejects.toThrow(message);
});
