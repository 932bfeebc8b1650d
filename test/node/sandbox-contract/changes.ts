import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { TreeChange } from "../../../domain/patch-set/types.ts";
import type { Bench } from "./fixture.ts";

const blob = (content: string | Uint8Array) => {
  const bytes = Buffer.from(content);
  return createHash("sha1")
    .update(`blob ${String(bytes.byteLength)}\0`)
    .update(bytes)
    .digest("hex");
};
const added = (path: string, content: string | Uint8Array, afterMode: TreeChange["afterMode"] = "100644") => ({
  path,
  status: "added",
  afterMode,
  afterBlob: blob(content),
  bytes: new Uint8Array(Buffer.from(content)),
});

/** The agent's changes of the work tree, in raw status and bytes, whatever it did to git. */
export function changeTests(bench: Bench): void {
  const base = [
    { path: "t/a.txt", content: "one\n" },
    { path: "t/dir/b.txt", content: "two\n" },
    { path: "t/run.sh", content: "#!/bin/sh\n", executable: true },
    { path: "t/link", symlink: "a.txt" },
    { path: "t/.gitignore", content: "ignored/\n*.log\nkept.log\n" },
    { path: "t/kept.log", content: "tracked though ignored\n" },
  ];
  const seeded = async () => {
    const id = await bench.open();
    await bench.seed(id, "repo", base);
    return id;
  };
  const changes = (id: string) => bench.port.changes(id, "repo", { maxBytes: 1_000_000 });
  const statuses = async (id: string) => (await changes(id)).map(({ path, status }) => `${status} ${path}`);

  describe("changes", () => {
    it("is empty right after the seed", async () => {
      expect(await changes(await seeded())).toEqual([]);
    });

    it("reports added, modified and deleted, with modes, blobs and bytes", async () => {
      const id = await seeded();
      await bench.write(id, "repo/new/file.txt", "new\n");
      await bench.write(id, "repo/a.txt", "uno\n");
      await bench.port.remove(id, "repo/dir/b.txt");
      expect(await changes(id)).toEqual([
        {
          ...{ path: "a.txt", status: "modified", beforeMode: "100644", beforeBlob: blob("one\n") },
          ...{ afterMode: "100644", afterBlob: blob("uno\n"), bytes: new TextEncoder().encode("uno\n") },
        },
        { path: "dir/b.txt", status: "deleted", beforeMode: "100644", beforeBlob: blob("two\n") },
        added("new/file.txt", "new\n"),
      ]);
    });

    it("reports exec bits, symlinks and binary content", async () => {
      const id = await seeded();
      const binary = Uint8Array.from({ length: 3000 }, (_, index) => (index * 31) % 256);
      await bench.port.writeFile(id, "repo/data.bin", binary);
      await bench.shell(
        id,
        "chmod +x a.txt; chmod -x run.sh; ln -sf dir/b.txt link; ln -s /etc/passwd out; printf x > tool; chmod +x tool",
        {
          cwd: "repo",
        },
      );
      const found = await changes(id);
      expect(found).toContainEqual(added("data.bin", binary));
      expect(found).toContainEqual(added("out", "/etc/passwd", "120000"));
      expect(found).toContainEqual(added("tool", "x", "100755"));
      const modes = found
        .filter(({ status }) => status === "modified")
        .map(({ path, beforeMode, afterMode }) => [path, beforeMode, afterMode]);
      expect(modes).toEqual([
        ["a.txt", "100644", "100755"],
        ["link", "120000", "120000"],
        ["run.sh", "100755", "100644"],
      ]);
    });

    it("leaves out what .gitignore names, but not what the base holds", async () => {
      const id = await seeded();
      await bench.shell(
        id,
        "mkdir ignored; echo x > ignored/file; echo x > debug.log; echo x > shown.txt; echo x >> kept.log",
        { cwd: "repo" },
      );
      expect(await statuses(id)).toEqual(["modified kept.log", "added shown.txt"]);
    });

    bench.itWithKernel("doesn't take the agent's own exclude file, index tricks or attributes", async () => {
      const id = await seeded();
      await bench.shell(
        id,
        "echo '*' >> .git/info/exclude; git config core.excludesFile /workspace/all; echo '*' > /workspace/all; git config core.fileMode false;" +
          "git update-index --assume-unchanged a.txt; echo changed > a.txt; chmod +x dir/b.txt; echo new > new.txt;" +
          "echo '*.txt text eol=crlf filter=evil' > .git/info/attributes",
        { cwd: "repo" },
      );
      expect(await statuses(id)).toEqual(["modified a.txt", "modified dir/b.txt", "added new.txt"]);
    });

    it.each([
      ["deleted", "rm -rf .git"],
      ["committed over", "git add -A; git -c user.name=x -c user.email=x@x commit -qm hidden"],
      ["rewritten", "rm -rf .git; git init -q; git add -A; git -c user.name=x -c user.email=x@x commit -qm base"],
      ["replaced by a file", "rm -rf .git; echo 'gitdir: /tmp/elsewhere' > .git"],
      ["corrupted", "echo garbage > .git/HEAD; echo garbage > .git/index; echo '[broken' > .git/config"],
    ])("reports the same when .git is %s", async (_name, tamper) => {
      const id = await seeded();
      await bench.shell(id, `echo changed > a.txt; rm dir/b.txt; echo new > new.txt; ${tamper}`, { cwd: "repo" });
      expect(await statuses(id)).toEqual(["modified a.txt", "deleted dir/b.txt", "added new.txt"]);
    });

    bench.itWithKernel("runs nothing of the repository: no hook, filter, textconv or fsmonitor", async () => {
      const id = await seeded();
      const trap = "touch /tmp/ran; cat";
      await bench.shell(
        id,
        `for hook in post-checkout pre-commit post-index-change fsmonitor-watchman; do printf '#!/bin/sh\\ntouch /tmp/ran\\n' > .git/hooks/$hook || mkdir -p .git/hooks; done;
         git config core.fsmonitor 'touch /tmp/ran'; git config filter.evil.clean '${trap}'; git config filter.evil.smudge '${trap}'; git config diff.evil.textconv '${trap}';
         echo '* filter=evil diff=evil' > .gitattributes; echo x > new.txt`,
        { cwd: "repo" },
      );
      await bench.shell(
        id,
        "printf '[core]\\n\\tfsmonitor = touch /tmp/ran\\n\\texcludesFile = /workspace/all\\n' > ~/.gitconfig;" +
          "echo '*' > /workspace/all; mkdir -p ~/.config/git; echo '*' > ~/.config/git/ignore; rm -f /tmp/ran",
      );
      expect(await statuses(id)).toEqual(["added .gitattributes", "added new.txt"]);
      expect((await bench.shell(id, "ls /tmp")).stdout).toBe("");
    });

    bench.itWithKernel("shows what is hidden in a nested repository", async () => {
      const id = await seeded();
      await bench.shell(
        id,
        "git init -q nested; echo x > nested/hidden.txt; mkdir nested/deep; echo y > nested/deep/file; cd dir; git init -q; echo z > c.txt",
        {
          cwd: "repo",
        },
      );
      expect(await statuses(id)).toEqual(["added dir/c.txt", "added nested/deep/file", "added nested/hidden.txt"]);
    });

    it("sees a directory replaced by a symlink, and a file by a directory or a pipe", async () => {
      const id = await seeded();
      await bench.shell(
        id,
        "mkdir /tmp/fake; printf 'two\\n' > /tmp/fake/b.txt; rm -r dir; ln -s /tmp/fake dir; rm a.txt; mkdir a.txt; echo x > a.txt/in; rm run.sh; mkfifo run.sh",
        {
          cwd: "repo",
        },
      );
      expect(await statuses(id)).toEqual([
        "deleted a.txt",
        "added a.txt/in",
        "added dir",
        "deleted dir/b.txt",
        "deleted run.sh",
      ]);
    });

    it("takes odd names as they are", async () => {
      const id = await seeded();
      const names = ["$(touch x)", " lead", "tab\there", "new\nline", 'quo"te', "back\\slash", "ünï", "-rf", "*"];
      for (const name of names) await bench.write(id, `repo/${name}`, "x");
      expect((await changes(id)).map(({ path }) => path)).toEqual([...names].sort());
    });

    bench.itWithKernel("stores what git add would store, by the work tree's attributes", async () => {
      const id = await bench.open();
      await bench.seed(id, "repo", [
        { path: "t/.gitattributes", content: "* text=auto\n*.png filter=lfs -text\n*.c ident\n" },
        { path: "t/lf.txt", content: "one\ntwo\n" },
        { path: "t/crlf.txt", content: "one\r\ntwo\r\n" },
        { path: "t/a.c", content: "$Id$\r\n" },
      ]);
      await bench.write(id, "repo/lf.txt", "one\r\ntwo\r\n");
      expect(await changes(id)).toEqual([]);
      await bench.write(id, "repo/lf.txt", "one\r\n2\r\n");
      await bench.write(id, "repo/crlf.txt", "one\r\n2\r\n");
      await bench.write(id, "repo/new.txt", "new\r\n");
      await bench.write(id, "repo/a.c", "$Id: mine $\r\n2\r\n");
      await bench.write(id, "repo/logo.png", "\u0089PNG\r\n");
      expect(
        (await changes(id)).map(({ bytes, filter, path }) => [path, new TextDecoder().decode(bytes), filter]),
      ).toEqual([
        ["a.c", "$Id$\r\n2\r\n", undefined],
        ["crlf.txt", "one\r\n2\r\n", undefined],
        ["lf.txt", "one\n2\n", undefined],
        ["logo.png", "\u0089PNG\r\n", "lfs"],
        ["new.txt", "new\n", undefined],
      ]);
    });

    it("names a file whose mode forbids reading it", async () => {
      const id = await seeded();
      await bench.write(id, "repo/new.txt", "x");
      await bench.shell(id, "chmod 000 new.txt", { cwd: "repo" });
      await expect(changes(id)).rejects.toMatchObject({
        kind: "permanent",
        code: "unreadable",
        message: expect.stringContaining('"new.txt"') as string,
      });
      await bench.shell(id, "chmod 644 new.txt", { cwd: "repo" });
      expect(await statuses(id)).toEqual(["added new.txt"]);
    });

    bench.itWithKernel(
      "names a directory whose mode forbids reading it, with or without files of the base",
      async () => {
        const id = await seeded();
        const unreadable = (path: string) => ({
          kind: "permanent",
          code: "unreadable",
          message: expect.stringContaining(JSON.stringify(path)) as string,
        });
        for (const [path, mode] of [
          ["dir", "000"],
          ["dir", "444"],
          ["dir", "111"],
          ["made/inner", "000"],
        ] as const) {
          await bench.shell(id, `mkdir -p ${path} && touch ${path}/new && chmod ${mode} ${path}`, { cwd: "repo" });
          await expect(changes(id), `${path} ${mode}`).rejects.toMatchObject(unreadable(path));
          await bench.shell(id, `chmod 755 ${path}`, { cwd: "repo" });
        }
        expect(await statuses(id)).toEqual(["added dir/new", "added made/inner/new"]);
      },
    );

    it("refuses more than maxBytes, and a directory that was never seeded", async () => {
      const id = await seeded();
      await bench.port.writeFile(id, "repo/big", new Uint8Array(2_000_000));
      await expect(changes(id)).rejects.toMatchObject({ kind: "permanent", code: "too_large" });
      expect(
        (await bench.port.changes(id, "/workspace/repo/", { maxBytes: 2_000_000 })).map(({ path }) => path),
      ).toEqual(["big"]);
      await expect(bench.port.changes(id, "other", { maxBytes: 1 })).rejects.toMatchObject({ code: "not_found" });
    });

    bench.itWithKernel("carries a file of 20 MB", async () => {
      const id = await seeded();
      await bench.shell(id, "head -c 20000000 /dev/urandom > big.bin; sha1sum < big.bin", { cwd: "repo" });
      const [change] = await bench.port.changes(id, "repo", { maxBytes: 30_000_000 });
      expect(change?.bytes?.byteLength).toBe(20_000_000);
      expect(change?.afterBlob).toBe(blob(change?.bytes ?? ""));
    });
  });
}
