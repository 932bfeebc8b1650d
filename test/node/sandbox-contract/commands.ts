import { describe, expect, it } from "vitest";
import type { Bench } from "./fixture.ts";

/** Running commands: what goes in, what comes out, how they end. */
export function commandTests(bench: Bench): void {
  describe("commands", () => {
    it("returns exit code, stdout and stderr apart", async () => {
      const id = await bench.open();
      const result = await bench.shell(id, "echo out; echo err >&2; exit 3");
      expect(result).toMatchObject({
        exitCode: 3,
        stdout: "out\n",
        stderr: "err\n",
        truncated: false,
        timedOut: false,
      });
    });

    it("takes an argument vector as it is, without a shell", async () => {
      const id = await bench.open();
      const odd = ["$(touch x)", "a b", "'", '"', ";id", "*", "", "new\nline", "ünï"];
      const result = await bench.exec(id, ["printf", "[%s]", ...odd]);
      expect(result.stdout).toBe(odd.map((item) => `[${item}]`).join(""));
      expect((await bench.port.list(id, "")).entries).toEqual([]);
    });

    it("says 127 for a program that isn't there, and ends at a timeout, a cancel and an abort", async () => {
      const id = await bench.open();
      expect(await bench.exec(id, ["no-such-program"])).toMatchObject({ exitCode: 127 });
      const late = await bench.shell(id, "echo begun; sleep 60", { timeoutMs: 300 });
      expect(late).toMatchObject({ timedOut: true, cancelled: false, exitCode: 137, stdout: "begun\n" });
      const control = new AbortController();
      const running = bench.exec(id, ["sleep", "60"], {
        signal: control.signal,
      });
      control.abort();
      expect(await running).toMatchObject({ cancelled: true, timedOut: false, exitCode: 137 });
      const never = await bench.shell(id, "echo ran > never", { signal: control.signal });
      expect(never).toMatchObject({ cancelled: true });
      await expect(bench.read(id, "never")).rejects.toMatchObject({ code: "not_found" });
    });

    bench.itWithKernel("says 128 + signal for a program that was killed", async () => {
      const id = await bench.open();
      expect(await bench.shell(id, "kill -TERM $$")).toMatchObject({ exitCode: 143, cancelled: false });
    });

    bench.itWithKernel("gives stdin, and end of file without it", async () => {
      const id = await bench.open();
      const stdin = crypto.getRandomValues(new Uint8Array(60_000));
      const result = await bench.exec(id, ["sha1sum"], { stdin });
      const digest = Buffer.from(await crypto.subtle.digest("SHA-1", stdin)).toString("hex");
      expect(result.stdout).toBe(`${digest}  -\n`);
      expect(await bench.exec(id, ["cat"])).toMatchObject({ exitCode: 0, stdout: "" });
    });

    bench.itWithKernel("doesn't wait for a command to read its stdin", async () => {
      const id = await bench.open();
      const result = await bench.exec(id, ["true"], { stdin: new Uint8Array(3_000_000) });
      expect(result.exitCode).toBe(0);
    });

    bench.itWithKernel("has only its own environment, the sandbox's and the command's", async () => {
      const id = await bench.open({ env: { FROM_SANDBOX: "1", BOTH: "sandbox" } });
      const result = await bench.exec(id, ["env"], { env: { FROM_COMMAND: "2", BOTH: "command" } });
      const names = result.stdout
        .trim()
        .split("\n")
        .map((line) => line.split("=")[0]);
      expect(new Set(names)).toEqual(
        new Set(["BOTH", "CI", "FROM_COMMAND", "FROM_SANDBOX", "HOME", "LANG", "PATH", "PWD"]),
      );
      expect(result.stdout).toContain("BOTH=command\n");
    });

    it("runs in the asked directory", async () => {
      const id = await bench.open();
      await bench.write(id, "deep/er/file", "x");
      expect((await bench.exec(id, ["pwd"], { cwd: "deep/er" })).stdout).toBe("/workspace/deep/er\n");
      await expect(bench.exec(id, ["pwd"], { cwd: "nowhere" })).rejects.toMatchObject({ code: "not_found" });
      await expect(bench.exec(id, ["pwd"], { cwd: "../etc" })).rejects.toMatchObject({ code: "path_escape" });
    });

    bench.itWithKernel("streams output while the command runs", async () => {
      const id = await bench.open();
      const arrivals: number[] = [];
      const onOutput = () => arrivals.push(performance.now());
      await bench.shell(id, "echo one; sleep 1; echo two", { onOutput });
      expect(arrivals.length).toBe(2);
      expect((arrivals[1] ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(500);
    });

    bench.itWithKernel("doesn't break characters that arrive in halves", async () => {
      const id = await bench.open();
      const pieces: string[] = [];
      const result = await bench.shell(id, String.raw`printf '\342\202'; sleep 0.2; printf '\254!'`, {
        onOutput: (_stream, text) => pieces.push(text),
      });
      expect(result.stdout).toBe("€!");
      expect(pieces.join("")).toBe("€!");
    });

    it("keeps head and tail of too much output, with a marker between", async () => {
      const id = await bench.open();
      const streamed: string[] = [];
      const result = await bench.shell(id, "seq 1 200000", {
        maxOutputBytes: 2000,
        onOutput: (_stream, text) => streamed.push(text),
      });
      expect(result).toMatchObject({ exitCode: 0, truncated: true });
      expect(result.stdout.startsWith("1\n2\n3\n")).toBe(true);
      expect(result.stdout.endsWith("199999\n200000\n")).toBe(true);
      expect(result.stdout).toMatch(/\n\[\.\.\. \d+ bytes left out \.\.\.\]\n/);
      expect(result.stdout.length).toBeLessThan(2100);
      expect(streamed.join("")).toBe(result.stdout);
    });

    bench.itWithKernel("bounds both streams together and cuts no character", async () => {
      const id = await bench.open();
      const script = "const t='€'.repeat(100000); process.stdout.write(t); process.stderr.write(t);";
      const result = await bench.exec(id, ["node", "-e", script], { maxOutputBytes: 1000 });
      expect(result.truncated).toBe(true);
      const bytes = new TextEncoder().encode(result.stdout + result.stderr).byteLength;
      expect(bytes).toBeLessThan(1000 + 200);
      expect(result.stdout + result.stderr).not.toContain("\uFFFD");
    });

    bench.itWithKernel("has git, node and npm", async () => {
      const id = await bench.open();
      const result = await bench.shell(id, "git --version && node --version && npm --version");
      expect(result.stdout).toMatch(/^git version \S+\nv2\d\.\S+\n\d+\.\d+/);
    });

    bench.itWithKernel("runs node --test", async () => {
      const id = await bench.open();
      await bench.write(
        id,
        "a.test.mjs",
        "import t from 'node:test'; import a from 'node:assert'; t('x', () => a.equal(1, 2));",
      );
      const result = await bench.exec(id, ["node", "--test"]);
      expect(result.exitCode).toBe(1);
      expect(result.stdout).toContain("fail 1");
    });

    it("refuses a second command of a running id", async () => {
      const id = await bench.open();
      const running = bench.exec(id, ["sleep", "5"], { execId: "twice" });
      await bench.until("the first command runs", async () => {
        const second = await bench.exec(id, ["true"], { execId: "twice" }).catch((error: unknown) => error);
        return second instanceof Error && "code" in second && second.code === "duplicate_exec";
      });
      expect(await bench.port.cancel(id, "twice")).toBe(true);
      expect(await running).toMatchObject({ cancelled: true });
    });

    bench.itWithKernel("runs commands side by side", async () => {
      const id = await bench.open();
      const startedAt = performance.now();
      await Promise.all([1, 2, 3].map(() => bench.exec(id, ["sleep", "2"])));
      expect(performance.now() - startedAt).toBeLessThan(4500);
    });
  });
}
