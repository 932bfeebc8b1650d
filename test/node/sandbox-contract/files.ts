import { describe, expect, it } from "vitest";
import type { Bench } from "./fixture.ts";

/** Reading, writing, listing, removing, and paths that lead out. */
export function fileTests(bench: Bench): void {
  describe("files", () => {
    it("round-trips any bytes", async () => {
      const id = await bench.open();
      const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256);
      await bench.port.writeFile(id, "a/b/all.bin", bytes);
      const read = await bench.port.readFile(id, "a/b/all.bin");
      expect(read.sizeBytes).toBe(bytes.byteLength);
      expect(Buffer.from(read.bytes).equals(bytes)).toBe(true);
      await bench.port.writeFile(id, "empty", new Uint8Array(0));
      expect(await bench.port.readFile(id, "empty")).toEqual({ bytes: new Uint8Array(0), sizeBytes: 0 });
    });

    it("handles a file of 20 MB", async () => {
      const id = await bench.open();
      const bytes = new Uint8Array(20 * 1024 * 1024).map((_, index) => index % 251);
      await bench.port.writeFile(id, "big.bin", bytes);
      const read = await bench.port.readFile(id, "big.bin");
      expect(Buffer.from(read.bytes).equals(bytes)).toBe(true);
    });

    it("reads a range and says the whole size", async () => {
      const id = await bench.open();
      await bench.write(id, "f", "0123456789");
      const { bytes, sizeBytes } = await bench.port.readFile(id, "f", { offset: 3, maxBytes: 4 });
      expect([new TextDecoder().decode(bytes), sizeBytes]).toEqual(["3456", 10]);
      expect((await bench.port.readFile(id, "f", { offset: 50 })).bytes.byteLength).toBe(0);
    });

    it("keeps an existing file's mode and makes one executable when asked", async () => {
      const id = await bench.open();
      await bench.write(id, "run.sh", "#!/bin/sh\necho one\n", { executable: true });
      await bench.write(id, "run.sh", "#!/bin/sh\necho two\n");
      expect((await bench.exec(id, ["./run.sh"])).stdout).toBe("two\n");
      await bench.write(id, "plain", "x");
      expect((await bench.exec(id, ["stat", "-c", "%a", "plain"])).stdout).toBe("644\n");
    });

    it("takes an absolute path inside /workspace", async () => {
      const id = await bench.open();
      await bench.write(id, "/workspace/x/y", "hello");
      expect(await bench.read(id, "x/../x/y")).toBe("hello");
    });

    it("says what is wrong: not found, not a file", async () => {
      const id = await bench.open();
      await bench.write(id, "dir/file", "x");
      await bench.shell(id, "mkfifo pipe");
      await expect(bench.read(id, "nothing")).rejects.toMatchObject({
        name: "PortError",
        kind: "permanent",
        code: "not_found",
      });
      await expect(bench.read(id, "dir")).rejects.toMatchObject({ code: "not_a_file" });
      await expect(bench.read(id, "pipe")).rejects.toMatchObject({ code: "not_a_file" });
      await expect(bench.write(id, "dir", "x")).rejects.toMatchObject({ code: "not_a_file" });
      await expect(bench.write(id, "pipe", "x")).rejects.toMatchObject({ code: "not_a_file" });
      await expect(bench.write(id, "dir/file/below", "x")).rejects.toMatchObject({ kind: "permanent" });
      await expect(bench.port.list(id, "nothing")).rejects.toMatchObject({ code: "not_found" });
      await expect(bench.port.remove(id, "nothing")).rejects.toMatchObject({ code: "not_found" });
    });

    it("lists sorted, skips .git and node_modules, cuts at the limit", async () => {
      const id = await bench.open();
      const paths = ["b.txt", "a/x", "a/.git/config", "a-b", "node_modules/p/i.js", "a/y/z"];
      for (const path of paths) await bench.write(id, path, "12");
      await bench.shell(id, "ln -s /etc link");
      const flat = await bench.port.list(id, "");
      expect(flat.entries).toEqual([
        { path: "a", kind: "directory", sizeBytes: 0 },
        { path: "a-b", kind: "file", sizeBytes: 2 },
        { path: "b.txt", kind: "file", sizeBytes: 2 },
        { path: "link", kind: "symlink", sizeBytes: 4 },
      ]);
      const all = await bench.port.list(id, ".", { recursive: true });
      expect(all.entries.map(({ path }) => path)).toEqual(["a", "a-b", "a/x", "a/y", "a/y/z", "b.txt", "link"]);
      expect(all.truncated).toBe(false);
      const cut = await bench.port.list(id, "", { recursive: true, limit: 2 });
      expect([cut.entries.map(({ path }) => path), cut.truncated]).toEqual([["a", "a-b"], true]);
      expect((await bench.port.list(id, "a")).entries.map(({ path }) => path)).toEqual(["x", "y"]);
    });

    it("removes a file, a tree, also a locked one, and a symlink but not what it points at", async () => {
      const id = await bench.open();
      await bench.write(id, "keep/file", "x");
      await bench.write(id, "tree/locked/file", "x");
      await bench.shell(id, "ln -s keep link; chmod 0 tree/locked");
      await bench.port.remove(id, "link");
      await bench.port.remove(id, "tree");
      expect((await bench.port.list(id, "", { recursive: true })).entries.map(({ path }) => path)).toEqual([
        "keep",
        "keep/file",
      ]);
    });
  });

  describe("escapes", () => {
    const escaped = { name: "PortError", kind: "permanent", code: "path_escape" };
    const outward = ["../x", "/etc/passwd", "a/../../etc/passwd", "/workspace/../etc/passwd", "/workspacex/y", "/"];

    it.each(outward)("refuses %s for every operation", async (path) => {
      const id = await bench.openShared();
      await expect(bench.port.readFile(id, path)).rejects.toMatchObject(escaped);
      await expect(bench.write(id, path, "x")).rejects.toMatchObject(escaped);
      await expect(bench.port.list(id, path)).rejects.toMatchObject(escaped);
      await expect(bench.port.remove(id, path)).rejects.toMatchObject(escaped);
      await expect(bench.exec(id, ["true"], { cwd: path })).rejects.toMatchObject(escaped);
      await expect(bench.seed(id, path, [{ path: "r/f", content: "x" }])).rejects.toMatchObject(escaped);
    });

    it("refuses symlinks that lead out, in the middle, at the end, dangling or in a circle", async () => {
      const id = await bench.open();
      await bench.shell(
        id,
        "mkdir -p /tmp/out; echo secret > /tmp/out/file; ln -s /tmp/out dir; ln -s /tmp/out/file file; ln -s ../../tmp/out up;" +
          "ln -s /tmp/out/new dangling; ln -s dir/file chained; ln -s circle circle; mkdir in; ln -s ../../tmp/out in/up",
      );
      for (const path of ["dir/file", "file", "up/file", "dangling", "chained", "circle", "in/up/file"]) {
        await expect(bench.port.readFile(id, path), path).rejects.toMatchObject(escaped);
        await expect(bench.write(id, path, "changed"), path).rejects.toMatchObject(escaped);
      }
      await expect(bench.write(id, "dir/new/deep", "x")).rejects.toMatchObject(escaped);
      await expect(bench.port.list(id, "dir")).rejects.toMatchObject(escaped);
      await expect(bench.port.remove(id, "dir/file")).rejects.toMatchObject(escaped);
      await expect(bench.exec(id, ["true"], { cwd: "dir" })).rejects.toMatchObject(escaped);
      await expect(bench.seed(id, "dir", [{ path: "r/f", content: "x" }])).rejects.toMatchObject(escaped);
      expect((await bench.shell(id, "cat /tmp/out/file; ls /tmp/out")).stdout).toBe("secret\nfile\n");
      await expect(bench.port.remove(id, "")).rejects.toMatchObject(escaped);
    });

    it("follows a symlink that stays inside", async () => {
      const id = await bench.open();
      await bench.write(id, "real/file", "one");
      await bench.shell(id, "ln -s real soft; ln -s /workspace/real/file hard");
      expect(await bench.read(id, "soft/file")).toBe("one");
      await bench.write(id, "hard", "two");
      expect(await bench.read(id, "real/file")).toBe("two");
    });

    it("refuses a NUL in a path", async () => {
      const id = await bench.openShared();
      await expect(bench.read(id, "a\0b")).rejects.toMatchObject({ name: "PortError", kind: "permanent" });
    });
  });
}
