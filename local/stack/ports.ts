import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import * as z from "zod";
import { StackError } from "./errors.ts";

const portSchema = z.int().min(1).max(65_535);
const portsSchema = z.object({ worker: portSchema, forge: portSchema, model: portSchema, sandbox: portSchema });

/** Which port of 127.0.0.1 each part listens on. */
export type StackPorts = z.infer<typeof portsSchema>;

/** Asks for a port of 127.0.0.1 (0: any) and lets it go again; the number, or undefined when it is taken. */
function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(undefined);
    });
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      const address = server.address();
      const found = typeof address === "object" && address !== null ? address.port : undefined;
      server.close(() => {
        resolve(found);
      });
    });
  });
}

/** The program that listens on a port, as " by node (process 123)", or "" when that isn't cheaply known. */
function holderOf(port: number): string {
  const lsof = spawnSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"], { encoding: "utf8", timeout: 1500 });
  const pid = /^p(\d+)$/m.exec(lsof.stdout ?? "")?.[1];
  const name = /^c(.+)$/m.exec(lsof.stdout ?? "")?.[1];
  if (pid !== undefined && name !== undefined) return ` by ${name} (process ${pid})`;
  const ss = spawnSync("ss", ["-ltnpH", `sport = :${port}`], { encoding: "utf8", timeout: 1500 });
  const user = /users:\(\("([^"]+)",pid=(\d+)/.exec(ss.stdout ?? "");
  return user === null ? "" : ` by ${user[1]} (process ${user[2]})`;
}

function readKept(file: string): { readonly [K in keyof StackPorts]?: StackPorts[K] | undefined } {
  try {
    return portsSchema.partial().parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}

async function freePort(wanted: readonly number[], used: ReadonlySet<number>): Promise<number> {
  for (const candidate of wanted) {
    if (candidate > 65_535 || used.has(candidate)) continue;
    const found = await tryPort(candidate);
    if (found !== undefined) return found;
  }
  for (;;) {
    const found = await tryPort(0);
    if (found === undefined) throw new StackError("No free port on 127.0.0.1: close some programs and start again.");
    if (!used.has(found)) return found;
  }
}

/**
 * Chooses the ports of a stack and keeps them in the data folder, so that links stay good over restarts.
 * @param port the Worker's; 0 takes the one kept, or any free one
 * @throws StackError when `port` is taken
 */
export async function choosePorts(dataDir: string, port: number): Promise<StackPorts> {
  const file = path.join(dataDir, "ports.json");
  const kept = readKept(file);
  if (port !== 0 && (await tryPort(port)) === undefined) {
    throw new StackError(
      `Port ${port} is taken${holderOf(port)}: end that program, or start elsewhere with: PORT=${port === 9000 ? 9100 : 9000} npm start`,
    );
  }
  const used = new Set<number>();
  const claim = async (wanted: readonly (number | undefined)[]): Promise<number> => {
    const found = await freePort(
      wanted.filter((candidate) => candidate !== undefined),
      used,
    );
    used.add(found);
    return found;
  };
  const worker = await claim([port === 0 ? kept.worker : port]);
  const near = (distance: number): number | undefined => (port === 0 ? undefined : port + distance);
  const ports: StackPorts = {
    worker,
    forge: await claim([kept.forge, near(1), near(11)]),
    model: await claim([kept.model, near(2), near(12)]),
    sandbox: await claim([kept.sandbox, near(3), near(13)]),
  };
  writeFileSync(file, `${JSON.stringify(ports, null, 2)}\n`);
  return ports;
}
