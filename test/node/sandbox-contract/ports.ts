import { describe, expect, it } from "vitest";
import type { Bench } from "./fixture.ts";

const server = `
const http = require("http"), zlib = require("zlib");
http.createServer(async (request, response) => {
  const chunks = []; for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (request.url === "/empty") { response.writeHead(204).end(); return; }
  if (request.url === "/redirect") { response.writeHead(302, { location: "http://elsewhere.invalid/" }).end(); return; }
  if (request.url === "/gzip") { response.writeHead(200, { "content-encoding": "gzip", "content-type": "text/plain" }).end(zlib.gzipSync("packed")); return; }
  if (request.url === "/slow") { response.write("one"); setTimeout(() => response.end("two"), 5000); return; }
  if (request.url === "/big") { response.end(Buffer.alloc(5000000, 7)); return; }
  response.writeHead(201, { "x-seen": request.headers["x-mine"] ?? "", "set-cookie": ["a=1", "b=2"] });
  response.end(JSON.stringify({ method: request.method, url: request.url, authorization: request.headers.authorization, sha: require("crypto").createHash("sha1").update(body).digest("hex"), length: body.length }));
}).listen(3000, "127.0.0.1", () => console.log("up"));
`;

/** Previews: HTTP to a port inside. */
export function portTests(bench: Bench): void {
  const serve = async () => {
    const id = await bench.open();
    await bench.write(id, "server.cjs", server);
    const running = bench.exec(id, ["node", "server.cjs"], { execId: "server" });
    running.catch(() => {});
    const request = (path: string, init?: RequestInit) =>
      bench.port.fetchPort(id, 3000, new Request(`http://preview${path}`, init));
    await bench.until(
      "the server answers",
      async () => (await request("/empty").catch(() => undefined))?.status === 204,
    );
    return { id, request };
  };

  describe("ports", () => {
    it("passes method, path, query, headers and body, and brings back status, headers and body", async () => {
      const { request } = await serve();
      const body = crypto.getRandomValues(new Uint8Array(50_000));
      const response = await request("/some/path?q=%20a&b", {
        method: "POST",
        headers: { "x-mine": "yes", authorization: "Bearer of-the-preview" },
        body,
      });
      expect(response.status).toBe(201);
      expect(response.headers.get("x-seen")).toBe("yes");
      expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
      expect(await response.json()).toEqual({
        method: "POST",
        url: "/some/path?q=%20a&b",
        authorization: "Bearer of-the-preview",
        length: body.byteLength,
        sha: Buffer.from(await crypto.subtle.digest("SHA-1", body)).toString("hex"),
      });
    });

    it("leaves redirects and encodings to the caller", async () => {
      const { request } = await serve();
      const redirect = await request("/redirect");
      expect([redirect.status, redirect.headers.get("location")]).toEqual([302, "http://elsewhere.invalid/"]);
      const packed = await request("/gzip");
      expect(packed.headers.get("content-encoding")).toBe("gzip");
      const unpacked = new Response(packed.body?.pipeThrough(new DecompressionStream("gzip")));
      expect(await unpacked.text()).toBe("packed");
    });

    it("streams, and carries 5 MB", async () => {
      const { request } = await serve();
      const startedAt = performance.now();
      const body: ReadableStream<Uint8Array> | null = (await request("/slow")).body;
      const reader = body?.getReader();
      const first = await reader?.read();
      expect(new TextDecoder().decode(first?.value)).toBe("one");
      expect(performance.now() - startedAt).toBeLessThan(4000);
      await reader?.cancel();
      expect((await (await request("/big")).arrayBuffer()).byteLength).toBe(5_000_000);
    });

    it("says port_closed when nothing listens", async () => {
      const id = await bench.open();
      const request = bench.port.fetchPort(id, 3999, new Request("http://preview/"));
      await expect(request).rejects.toMatchObject({ name: "PortError", kind: "transient", code: "port_closed" });
    });
  });
}
