import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { choosePorts } from "../../../local/stack/ports.ts";

let dataDir: string;
const servers: Server[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), "stack-ports-"));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  rmSync(dataDir, { recursive: true, force: true });
});

function occupy(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    servers.push(server);
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

test("a taken port is refused in one line with a way out", async () => {
  const taken = await occupy(0);
  await expect(choosePorts(dataDir, taken)).rejects.toThrow(
    new RegExp(`^Port ${taken} is taken.*PORT=9\\d00 npm start$`),
  );
});

test("free ports are four different ones and kept for the next start", async () => {
  const first = await choosePorts(dataDir, 0);
  expect(new Set(Object.values(first)).size).toBe(4);
  expect(await choosePorts(dataDir, 0)).toEqual(first);
});

test("a kept port that is taken meanwhile is replaced; the others stay", async () => {
  const first = await choosePorts(dataDir, 0);
  await occupy(first.forge);
  const second = await choosePorts(dataDir, 0);
  expect(second.forge).not.toBe(first.forge);
  expect({ ...second, forge: 0 }).toEqual({ ...first, forge: 0 });
});
