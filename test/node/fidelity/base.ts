import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gitFileMode } from "../../../domain/patch-set/file-mode.ts";
import type { BaseEntry } from "../../../domain/patch-set/apply-check.ts";
import type { TreeFile } from "../../../worker/ports/sandbox.ts";

/** Attributes that change an archive, and what `git add` stores. */
const attributes = [
  "* text=auto",
  "*.bat text eol=crlf",
  "*.c ident",
  "*.bin -text",
  "*.lfs filter=lfs diff=lfs -text",
  "version.txt export-subst",
  "tests/ export-ignore",
  "",
].join("\n");

/** Odd files that every base has besides those of its package. */
const oddFiles: Readonly<Record<string, string | Uint8Array>> = {
  ".gitattributes": attributes,
  ".gitignore": "*.log\n",
  "odd/run.bat": "one\r\ntwo\r\n",
  "odd/a.c": "/* $Id: expanded $ */\nint a;\n",
  "version.txt": "$Format:%H$\n",
  "tests/left-out.test.js": "test();\n",
  "odd/crlf.bin": "one\r\ntwo\r\n",
  "odd/with space.txt": "space\n",
  "odd/with\ttab.txt": "tab\n",
  "odd/quote\"s'.txt": "quotes\n",
  "odd/ünï-日本.txt": "unicode\n",
  "odd/-dash.txt": "dash\n",
  "odd/back\\slash.txt": "slash\n",
  "odd/aux.js": "reserved\n",
  "odd/Twin.txt": "one\n",
  "odd/twin.txt": "two\n",
  "odd/empty": "",
  "odd/no-newline": "no newline",
  "odd/latin1.txt": new Uint8Array(Buffer.from("caf\u00e9\n", "latin1")),
  "odd/utf16.txt": new Uint8Array(Buffer.from("\uFEFFsixteen\r\n", "utf16le")),
  "odd/data.bin": Uint8Array.from({ length: 600 }, (_, index) => index % 256),
  "odd/pointer.lfs": `version https://git-lfs.github.com/spec/v1\noid sha256:${"a".repeat(64)}\nsize 5\n`,
};

/** A git repository with one commit, and its work tree, in which the same edits are made by git itself. */
export class Base {
  readonly folder: string;
  readonly commit: string;
  /** The id of the commit's tree. */
  readonly treeId: string;
  readonly tree: readonly TreeFile[];
  readonly entries: readonly BaseEntry[];
  readonly archive: Uint8Array<ArrayBuffer>;
  readonly #blobs = new Map<string, Uint8Array<ArrayBuffer>>();

  /** Makes the repository below `parent` from the files of a folder. */
  constructor(parent: string, name: string, source: string) {
    this.folder = join(parent, name);
    cpSync(source, this.folder, { recursive: true, filter: (path) => !path.includes("/node_modules/.") });
    mkdirSync(join(this.folder, "odd"), { recursive: true });
    mkdirSync(join(this.folder, "tests"), { recursive: true });
    for (const [path, content] of Object.entries(oddFiles)) writeFileSync(join(this.folder, path), content);
    writeFileSync(join(this.folder, "odd/run.sh"), "#!/bin/sh\n", { mode: 0o755 });
    symlinkSync("nowhere", join(this.folder, "odd/dangling"));
    symlinkSync("../tests", join(this.folder, "odd/folder-link"));
    // A name that is not UTF-8.
    writeFileSync(Buffer.concat([Buffer.from(`${this.folder}/odd/caf`), Buffer.from([0xe9])]), "latin name\n");
    this.git("init", "--quiet", "--initial-branch=main", "--template=");
    mkdirSync(join(this.folder, ".git/info"));
    this.git("config", "core.autocrlf", "false");
    this.git("add", "--all");
    this.git("update-index", "--add", "--cacheinfo", `160000,${"c".repeat(40)},vendor/module`);
    this.git("commit", "--quiet", "-m", "base");
    this.commit = this.git("rev-parse", "HEAD").trim();
    this.treeId = this.git("rev-parse", "HEAD^{tree}").trim();
    const listed = this.git("ls-tree", "-r", "-z", "HEAD").split("\0").filter(Boolean);
    this.entries = listed.map((line) => {
      const [head = "", path = ""] = line.split("\t", 1).concat(line.slice(line.indexOf("\t") + 1));
      const [mode = "", , blob = ""] = head.split(" ");
      return { path, mode, blob };
    });
    this.tree = this.entries.flatMap(({ blob, mode, path }) => {
      const known = gitFileMode(mode);
      return known === undefined ? [] : [{ path, mode: known, blob }];
    });
    this.archive = new Uint8Array(this.#run(["archive", "--format=tar.gz", "--prefix=top/", "HEAD"]));
  }

  /** The files of a tree, a line each: mode, type, blob and path. */
  entriesOf(treeId: string): readonly string[] {
    return this.git("ls-tree", "-r", "-z", treeId).split("\0").filter(Boolean);
  }

  /** The content of a blob. */
  blob(id: string): Uint8Array<ArrayBuffer> {
    const known = this.#blobs.get(id) ?? new Uint8Array(this.#run(["cat-file", "blob", id]));
    this.#blobs.set(id, known);
    return known;
  }

  /** Makes the work tree the commit's blobs, as they are, runs a script in it, and gives the tree that git makes of that. */
  treeAfter(script: string): string {
    const neutral = join(this.folder, ".git/info/attributes");
    writeFileSync(`${neutral}.off`, "* -text -ident -filter -eol\n");
    renameSync(`${neutral}.off`, neutral);
    // Without an index git writes each file anew; with one it keeps a file whose time and size it knows, also one it had converted.
    rmSync(join(this.folder, ".git/index"), { force: true });
    this.git("reset", "--quiet", "--hard");
    this.git("clean", "--quiet", "-ffdx");
    rmSync(neutral);
    execFileSync("sh", { cwd: this.folder, input: script, stdio: ["pipe", "ignore", "pipe"] });
    this.git("add", "--all");
    return this.git("write-tree").trim();
  }

  git(...args: readonly string[]): string {
    return this.#run(args).toString("utf8");
  }

  #run(args: readonly string[]): Buffer {
    const own = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.safecrlf=false", "-c", "gc.auto=0"];
    return execFileSync("git", ["-C", this.folder, ...own, ...args], {
      maxBuffer: 1e9,
      env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }
}
