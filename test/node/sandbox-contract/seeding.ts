import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gzipSync } from "node:zlib";
import { gitBlobId } from "../../../domain/hash.ts";
import type { TreeFile } from "../../../worker/ports/sandbox.ts";
import { streamOf, type Bench } from "./fixture.ts";
import { writeTar, writeTarball, type TarMember } from "../../fakes/tar-writer.ts";

/** Bringing a repository in as a tarball. */
export function seedTests(bench: Bench): void {
  describe("seed", () => {
    it("drops the first component and keeps content, symlinks and exec bits", async () => {
      const id = await bench.open();
      const binary = Uint8Array.from({ length: 5000 }, (_, index) => index % 256);
      const result = await bench.seed(id, "repo", [
        { path: "top/", type: "5" },
        { path: "top/readme.md", content: "hello\n" },
        { path: "top/bin/run", content: "#!/bin/sh\necho ran\n", executable: true },
        { path: "top/link", symlink: "bin/run" },
        { path: "top/outside", symlink: "/etc/passwd" },
        { path: "top/data.bin", content: binary },
      ]);
      expect(result).toEqual({ fileCount: 5, sizeBytes: 6 + 19 + 7 + 11 + 5000, missing: [] });
      expect(await bench.read(id, "repo/readme.md")).toBe("hello\n");
      expect((await bench.exec(id, ["./bin/run"], { cwd: "repo" })).stdout).toBe("ran\n");
      expect((await bench.shell(id, "readlink link outside", { cwd: "repo" })).stdout).toBe("bin/run\n/etc/passwd\n");
      expect(Buffer.from((await bench.port.readFile(id, "repo/data.bin")).bytes).equals(binary)).toBe(true);
      await expect(bench.read(id, "repo/outside")).rejects.toMatchObject({ code: "path_escape" });
    });

    it("takes long and non-ASCII names", async () => {
      const id = await bench.open();
      const deep = `${"a-rather-long-directory-name/".repeat(8)}file-ünïcödé.txt`;
      const target = `${"x".repeat(120)}/y`;
      await bench.seed(id, "repo", [
        { path: `top/${deep}`, content: "deep" },
        { path: "top/link", symlink: target },
      ]);
      expect(await bench.read(id, `repo/${deep}`)).toBe("deep");
      expect((await bench.exec(id, ["readlink", "repo/link"])).stdout).toBe(`${target}\n`);
    });

    it("takes what git archive makes, and gives a repository with one commit", async () => {
      const folder = mkdtempSync(join(tmpdir(), "seed-"));
      try {
        const git = (...args: readonly string[]) =>
          execFileSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", ...args], { maxBuffer: 1e8 });
        git("init", "--quiet");
        for (let index = 0; index < 40; index += 1)
          writeFileSync(join(folder, `f${String(index)}.txt`), `${String(index)}\n`.repeat(9));
        writeFileSync(join(folder, ".gitignore"), "f3.txt\n");
        git("add", "--all", "--force");
        git("commit", "--quiet", "--message", "first");
        const id = await bench.open();
        const tarball = new Uint8Array(git("archive", "--format=tar.gz", "--prefix=owner-name-abc/", "HEAD"));
        const result = await bench.port.seed(id, "repo", streamOf(tarball), "abc");
        expect(result.fileCount).toBe(41);
        const log = await bench.shell(id, "git status --porcelain; git log --format='%an %s'; git ls-files | wc -l", {
          cwd: "repo",
        });
        expect(log.stdout).toBe("Assembly Lime Base abc\n41\n");
        await bench.write(id, "repo/f1.txt", "changed\n");
        expect((await bench.exec(id, ["git", "diff", "--stat"], { cwd: "repo" })).stdout).toContain("f1.txt");
        expect(
          (await bench.shell(id, "git commit -qam mine && git log --oneline | wc -l", { cwd: "repo" })).stdout,
        ).toBe("2\n");
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it("makes the same commit from the same tarball", async () => {
      const ids = await Promise.all([bench.open(), bench.open()]);
      const heads = await Promise.all(
        ids.map(async (id) => {
          await bench.seed(id, "repo", [{ path: "t/a", content: "a" }]);
          return (await bench.exec(id, ["git", "rev-parse", "HEAD"], { cwd: "repo" })).stdout;
        }),
      );
      expect(heads[0]).toMatch(/^[0-9a-f]{40}\n$/);
      expect(heads[0]).toBe(heads[1]);
    });

    it("empties the directory first and leaves its neighbours", async () => {
      const id = await bench.open();
      await bench.seed(id, "one", [{ path: "t/old", content: "old" }]);
      await bench.seed(id, "two", [{ path: "t/other", content: "other" }]);
      await bench.seed(id, "one", [{ path: "t/new", content: "new" }]);
      expect((await bench.port.list(id, "", { recursive: true })).entries.map(({ path }) => path)).toEqual([
        "one",
        "one/new",
        "two",
        "two/other",
      ]);
      expect(await bench.port.changes(id, "one", { maxBytes: 1000 })).toEqual([]);
    });

    const treeFile = (path: string, content: string, mode: TreeFile["mode"] = "100644"): TreeFile => ({
      ...{ path, mode },
      blob: gitBlobId(new TextEncoder().encode(content)),
    });

    it("lays out the tree's blobs where the archive has other content, other modes or no file", async () => {
      const id = await bench.open();
      const tree = [
        treeFile("run.bat", "one\ntwo\n"),
        treeFile("a.c", "$Id$\n"),
        treeFile("version.txt", "$Format:%H$\n"),
        treeFile("tests/b.test.js", "test();\n", "100755"),
        treeFile("tests/link", "b.test.js", "120000"),
        treeFile("same", "same"),
      ];
      const seeded = await bench.seed(
        id,
        "repo",
        [
          { path: "top/run.bat", content: "one\r\ntwo\r\n" },
          { path: "top/a.c", content: "$Id: 0123456789abcdef $\n" },
          { path: "top/version.txt", content: "0123456789abcdef\n" },
          { path: "top/same", content: "same" },
        ],
        tree,
      );
      expect(seeded).toMatchObject({ fileCount: 6 });
      // Line ends and an expanded $Id$ may be put right without a second reading.
      expect(seeded.missing).toEqual(expect.arrayContaining(["tests/b.test.js", "tests/link", "version.txt"]));
      const contents: Readonly<Record<string, string>> = {
        ...{ "run.bat": "one\ntwo\n", "a.c": "$Id$\n", "version.txt": "$Format:%H$\n" },
        ...{ "tests/b.test.js": "test();\n", "tests/link": "b.test.js" },
      };
      await expect(
        bench.port.seedFile(id, "repo", "version.txt", streamOf(new TextEncoder().encode("other"))),
      ).rejects.toMatchObject({ code: "invalid_archive" });
      await expect(
        bench.port.seedFile(id, "repo", "same", streamOf(new TextEncoder().encode("same"))),
      ).rejects.toMatchObject({ code: "not_found" });
      for (const path of seeded.missing)
        await bench.port.seedFile(id, "repo", path, streamOf(new TextEncoder().encode(contents[path])));
      expect(await bench.port.changes(id, "repo", { maxBytes: 1000 })).toEqual([]);
      for (const [path, content] of Object.entries(contents))
        expect(await bench.read(id, `repo/${path}`)).toBe(path === "tests/link" ? "test();\n" : content);
      await bench.write(id, "repo/version.txt", "$Format:%h$\n");
      expect(await bench.port.changes(id, "repo", { maxBytes: 1000 })).toMatchObject([
        { path: "version.txt", status: "modified", beforeBlob: treeFile("", "$Format:%H$\n").blob },
      ]);
    });

    bench.itWithKernel("commits the tree's blobs as the base", async () => {
      const id = await bench.open();
      const attributes = "* text=auto\n";
      const tree = [
        treeFile(".gitattributes", attributes),
        treeFile("a.c", "5\r\n"),
        treeFile("left/out", "left out", "100755"),
      ];
      const members = [
        { path: "top/.gitattributes", content: attributes },
        { path: "top/a.c", content: "5\r\n" },
      ];
      const { missing } = await bench.seed(id, "repo", members, tree);
      expect(missing).toEqual(["left/out"]);
      await bench.port.seedFile(id, "repo", "left/out", streamOf(new TextEncoder().encode("left out")));
      const shown = await bench.shell(id, "git status --porcelain; git ls-files -s; git log --format=%s", {
        cwd: "repo",
      });
      expect(shown.stdout).toBe(
        `${tree.map(({ blob, mode, path }) => `${mode} ${blob} 0\t${path}\n`).join("")}Base 0123456789abcdef0123456789abcdef01234567\n`,
      );
    });

    bench.itWithKernel("keeps names that are not UTF-8, and finds them in the forge's tree", async () => {
      const id = await bench.open();
      const bytes = Buffer.from("top/caf\xe9.txt", "latin1");
      const archive = writeTar([
        { path: "top/cafX.txt", content: "one\n" },
        { path: "top/plain", content: "two" },
      ]);
      const at = archive.indexOf("top/cafX.txt");
      bytes.copy(archive, at);
      // The header's checksum follows its bytes.
      const checksum = Number.parseInt(archive.toString("latin1", at + 148, at + 154), 8) - "X".charCodeAt(0) + 0xe9;
      archive.write(checksum.toString(8).padStart(6, "0"), at + 148, "latin1");
      const tree = [treeFile("caf\uFFFD.txt", "one\n"), treeFile("plain", "two")];
      const tarball = streamOf(new Uint8Array(gzipSync(archive)));
      expect((await bench.port.seed(id, "repo", tarball, "b", tree)).missing).toEqual([]);
      expect(
        (await bench.shell(id, "ls | od -An -c | head -1; git status --porcelain", { cwd: "repo" })).stdout,
      ).toMatch(/^ *c *a *f *351 *\. *t *x *t/u);
      expect(await bench.port.changes(id, "repo", { maxBytes: 1000 })).toEqual([]);
      const [entry] = (await bench.port.list(id, "repo")).entries;
      expect(await bench.read(id, `repo/${entry?.path ?? ""}`)).toBe("one\n");
      await bench.shell(id, "printf two > \"$(printf 'caf\\351.txt')\"; printf 3 > \"$(printf 'n\\377')\"", {
        cwd: "repo",
      });
      const changes = await bench.port.changes(id, "repo", { maxBytes: 1000 });
      expect(changes.map(({ path, status }) => [path, status])).toEqual([
        [entry?.path, "modified"],
        ["n\uEFFF", "added"],
      ]);
      await bench.port.remove(id, `repo/${entry?.path ?? ""}`);
      expect((await bench.port.changes(id, "repo", { maxBytes: 1000 })).map(({ status }) => status)).toEqual([
        "deleted",
        "added",
      ]);
    });

    it("takes an empty repository", async () => {
      const id = await bench.open();
      expect(await bench.seed(id, "repo", [{ path: "top/", type: "5" }])).toEqual({
        fileCount: 0,
        sizeBytes: 0,
        missing: [],
      });
      await bench.write(id, "repo/first", "x");
      expect((await bench.port.changes(id, "repo", { maxBytes: 100 })).map(({ path }) => path)).toEqual(["first"]);
    });

    const hostile: readonly (readonly [string, readonly TarMember[]])[] = [
      ["..", [{ path: "top/../../evil", content: "x" }]],
      ["an absolute path", [{ path: "/tmp/evil", content: "x" }]],
      [
        "a hard link",
        [
          { path: "top/a", content: "x" },
          { path: "top/b", type: "1", symlink: "top/a" },
        ],
      ],
      ["a character device", [{ path: "top/null", type: "3" }]],
      ["a block device", [{ path: "top/disk", type: "4" }]],
      ["a fifo", [{ path: "top/pipe", type: "6" }]],
      [
        "a file below a symlink",
        [
          { path: "top/d", symlink: "/tmp" },
          { path: "top/d/evil", content: "x" },
        ],
      ],
      [
        "a path twice",
        [
          { path: "top/f", symlink: "/tmp/evil" },
          { path: "top/f", content: "x" },
        ],
      ],
      [
        "a file in place of a directory",
        [
          { path: "top/d/f", content: "x" },
          { path: "top/d", symlink: "/tmp" },
        ],
      ],
      ["a .git folder", [{ path: "top/.git/hooks/post-checkout", content: "x", executable: true }]],
      ["a .GIT folder", [{ path: "top/sub/.GIT/config", content: "x" }]],
      ["a cut file", [{ path: "top/f", content: "x", declaredBytes: 100_000 }]],
      ["an unknown type", [{ path: "top/f", type: "Z" }]],
    ];
    it.each(hostile)("refuses %s", async (_name, members) => {
      const id = await bench.openShared();
      await expect(bench.seed(id, "repo", members)).rejects.toMatchObject({
        name: "PortError",
        kind: "permanent",
        code: "invalid_archive",
      });
      expect((await bench.shell(id, "ls -A /tmp")).stdout).toBe("");
      expect((await bench.exec(id, ["true"])).exitCode).toBe(0);
    });

    it("refuses what is no gzip, a cut gzip and a wrong checksum", async () => {
      const id = await bench.openShared();
      const whole = writeTarball([{ path: "top/f", content: crypto.getRandomValues(new Uint8Array(5000)) }]);
      const wrong = writeTar([{ path: "top/f", content: "x" }]);
      wrong.write("g", 1024);
      const broken = [new TextEncoder().encode("no archive"), whole.slice(0, 2000), new Uint8Array(wrong)];
      for (const bytes of broken) {
        await expect(bench.port.seed(id, "repo", streamOf(bytes), "b")).rejects.toMatchObject({
          code: "invalid_archive",
        });
      }
    });

    it("refuses what is too large for the sandbox's disk", async () => {
      const id = await bench.open({ diskBytes: 4 * 1024 * 1024 });
      const content = new Uint8Array(8 * 1024 * 1024);
      await expect(bench.seed(id, "repo", [{ path: "top/big", content }])).rejects.toMatchObject({ code: "too_large" });
    });
  });
}
