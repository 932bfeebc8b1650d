import { describe, expect, it } from "vitest";
import type { Bench } from "./fixture.ts";

/** A node script that tries to connect and prints the outcome. */
const tryConnect = (host: string, port: number) =>
  `const s = require("net").connect({host: ${JSON.stringify(host)}, port: ${String(port)}, timeout: 1500});
   s.on("connect", () => { console.log("connected"); process.exit(); });
   s.on("timeout", () => { console.log("timeout"); process.exit(); });
   s.on("error", (error) => { console.log(error.code); process.exit(); });`;

/** Things that a command must not reach: the network, the host's files, other sandboxes, privileges. */
export function isolationTests(bench: Bench): void {
  describe("isolation", () => {
    it("has no network: not the host's loopback, not an address, no name service", async () => {
      const id = await bench.open();
      const { hostPort } = bench.fixture;
      const attempt = async (host: string, port: number) =>
        (await bench.exec(id, ["node", "-e", tryConnect(host, port)])).stdout.trim();
      expect(await attempt("127.0.0.1", hostPort)).toBe("ECONNREFUSED");
      expect(await attempt("1.1.1.1", 443)).toMatch(/ENETUNREACH|timeout|EHOSTUNREACH/);
      const lookup = `require("dns").lookup("example.com", (error) => console.log(error?.code ?? "found"))`;
      expect((await bench.exec(id, ["node", "-e", lookup])).stdout.trim()).toMatch(/ENOTFOUND|EAI_AGAIN/);
    });

    it("has a loopback of its own", async () => {
      const id = await bench.open();
      const script = `const s = require("http").createServer((q, r) => r.end("ok")).listen(0, async () => {
        console.log(await (await fetch("http://localhost:" + s.address().port)).text()); process.exit(); });`;
      expect((await bench.exec(id, ["node", "-e", script])).stdout).toBe("ok\n");
    });

    it("doesn't show the host's files", async () => {
      const id = await bench.open();
      const { hiddenPaths } = bench.fixture;
      expect(hiddenPaths.length).toBeGreaterThan(0);
      for (const path of hiddenPaths) {
        expect((await bench.exec(id, ["stat", path])).exitCode, path).toBe(1);
      }
      const roots = await bench.exec(id, ["ls", "/", "/home", "/etc"]);
      expect(roots.stdout).not.toMatch(/^(root|work|shadow|ssh|mnt|boot)$/m);
    });

    it("writes only to its workspace, home and temporary folders", async () => {
      const id = await bench.open();
      const places = [
        "/",
        "/etc",
        "/usr",
        "/usr/bin",
        "/opt",
        "/dev",
        "/var",
        "/run",
        "/proc/sys/kernel",
        "/opt/node/bin",
      ];
      for (const place of places) {
        expect((await bench.shell(id, `touch ${place}/mine`)).exitCode, place).toBe(1);
      }
      expect((await bench.shell(id, "touch /workspace/a ~/b /tmp/c && echo ok")).stdout).toBe("ok\n");
    });

    it("keeps two sandboxes blind to each other", async () => {
      const [one, two] = await Promise.all([bench.open(), bench.open()]);
      await bench.write(one, "secret.txt", "one's own");
      await bench.shell(one, "echo x > /tmp/shared; echo x > ~/shared; echo x > /dev/shm/shared");
      const server = `require("http").createServer((q, r) => r.end()).listen(4321, () => console.log("up"))`;
      const serving = bench.exec(one, ["node", "-e", server], { execId: "serve" });
      await bench.until("the server is up", async () => {
        const answer = await bench.port.fetchPort(one, 4321, new Request("http://sandbox/")).catch(() => undefined);
        return answer?.status === 200;
      });
      await expect(bench.read(two, "secret.txt")).rejects.toMatchObject({ code: "not_found" });
      const found = await bench.shell(two, "ls -A /tmp ~ /dev/shm /workspace; cat /proc/[0-9]*/comm");
      expect(found.stdout).not.toContain("shared");
      expect(found.stdout).not.toContain("node");
      expect((await bench.exec(two, ["node", "-e", tryConnect("127.0.0.1", 4321)])).stdout).toBe("ECONNREFUSED\n");
      await bench.port.cancel(one, "serve");
      await serving;
    });

    it("opens sockets of the families that programs need, and of no other", async () => {
      const id = await bench.open();
      // Prints the error number of each call in turn, 0 for one that worked. Perl comes with git.
      const outcomes = async (...calls: readonly string[]): Promise<string> => {
        const script = calls.map((call) => `print((${call}) ? 0 : $!+0, " ")`).join(";");
        return (await bench.exec(id, ["perl", "-e", script])).stdout.trim();
      };
      const [unix, inet, inet6, netlink] = [1, 2, 10, 16];
      expect(
        await outcomes(
          `socket(A, ${unix}, 1, 0)`,
          `socket(B, ${inet}, 1, 0)`,
          `socket(C, ${inet6}, 2, 0)`,
          `socket(D, ${netlink}, 3, 0)`,
          `socketpair(E, F, ${unix}, 1, 0)`,
        ),
      ).toBe("0 0 0 0 0");
      // Packet, key, algorithm, virtual machines' and express data path sockets, and netlink of another kind than routing.
      expect(
        await outcomes(
          ...[17, 15, 38, 40, 44, 30].map((family) => `socket(A, ${family}, 1, 0)`),
          `socket(B, ${netlink}, 3, 9)`,
          `socketpair(C, D, 30, 1, 0)`,
          `socketpair(E, F, ${inet}, 1, 0)`,
        ),
      ).toBe(Array.from({ length: 9 }, () => "97").join(" "));
    });

    it("holds no privilege and can't gain one", async () => {
      const id = await bench.open();
      const status = (await bench.shell(id, "cat /proc/self/status")).stdout;
      for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
        expect(status).toMatch(new RegExp(`^${set}:\\s*0000000000000000$`, "m"));
      }
      expect(status).toMatch(/^NoNewPrivs:\s*1$/m);
      expect((await bench.exec(id, ["id", "-u"])).stdout).not.toBe("0\n");
      expect((await bench.exec(id, ["unshare", "--user", "--map-root-user", "true"])).exitCode).not.toBe(0);
      expect((await bench.shell(id, "mount -t tmpfs none /tmp")).exitCode).not.toBe(0);
      expect((await bench.exec(id, ["chroot", "/", "true"])).exitCode).not.toBe(0);
    });
  });
}
