import { afterEach, describe, expect, it } from "vitest";
import { FileEntry, LinkEntry } from "../../fakes/sandbox/tree.ts";
import { EngineHarness } from "./harness.ts";
import { finish, review, use } from "./scenario.ts";

let harness: EngineHarness;
afterEach(() => harness.close());

const megabyte = 1_000_000;
const violations = () =>
  harness.events().flatMap((event) => (event.type === "policy.evaluated" ? event.data.violations : []));
const results = () => harness.events().flatMap((event) => (event.type === "tool.finished" ? [event.data] : []));
const shell = (id: string, command: string) => use(id, "shell", { command });

describe("links and large files of the base", () => {
  it("are deleted, changed and shortened; content that is too large is named, and nothing fails", async () => {
    harness = EngineHarness.start({ "src/a.js": "a\n", "lib/b.js": "b\n" });
    const { files } = harness.forge.repository;
    files.set("dangling", new LinkEntry("nowhere"));
    files.set("folder", new LinkEntry("src"));
    files.set("big.bin", new FileEntry(new Uint8Array(20 * megabyte)));
    files.set("log.txt", new FileEntry(new TextEncoder().encode("line\n".repeat((11 * megabyte) / 5))));
    harness.begin("implement");
    harness.turns = [
      [
        shell("a", "rm dangling big.bin; ln -sfn lib folder"),
        use("b", "write_file", { path: "log.txt", content: "short\n" }),
      ],
      [finish("c")],
      [review("d")],
    ];
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    const shown = violations().map(({ path, rule, severity }) => [path, rule, severity]);
    expect(shown.filter(([, , severity]) => severity === "BLOCK")).toEqual([]);
    expect(shown).toContainEqual(["big.bin", "not-shown", "WARN"]);
    expect(shown).toContainEqual(["log.txt", "not-shown", "WARN"]);
    const sent = JSON.stringify(harness.requests.at(-1));
    expect(sent).toContain("-src\\n\\\\ No newline at end of file\\n+lib");
    expect(sent).toContain("too large to show");
    const proposed = harness.events().find((event) => event.type === "patch_set.proposed");
    expect(proposed?.data.patches.map(({ isBinary, path, status }) => [path, status, isBinary])).toEqual([
      ["big.bin", "deleted", true],
      ["dangling", "deleted", false],
      ["folder", "modified", false],
      ["log.txt", "modified", true],
    ]);
  });

  it("that are added and too many bytes together are told to the model, and the run goes on", async () => {
    harness = EngineHarness.start({ "a.txt": "x".repeat(4 * megabyte) });
    harness.begin("implement");
    harness.turns = [
      [shell("a", "cat a.txt > 1; cat a.txt > 2; cat a.txt > 3")],
      [shell("b", "rm 1 2 3; echo note > note.txt")],
      [finish("c")],
      [review("d")],
    ];
    await harness.drive();
    expect(results().map(({ outcome }) => outcome)).toEqual(["error", "ok", "ok", "ok"]);
    expect(results()[0]?.output).toContain("exit code: 0");
    expect(results()[0]?.output).toContain("more than 10000000 bytes");
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  });
});

describe("a path that can't be read", () => {
  it("is told to the coder with what to do, at the call that made it so and at finish, and the run goes on", async () => {
    harness = EngineHarness.start({ "a.txt": "a\n" });
    harness.begin("implement");
    harness.turns = [
      [shell("a", "echo x > locked.txt; chmod 000 locked.txt")],
      [finish("b")],
      [shell("c", "chmod 644 locked.txt")],
      [finish("d")],
      [review("e")],
    ];
    await harness.drive();
    expect(results().map(({ outcome }) => outcome)).toEqual(["error", "error", "ok", "ok", "ok"]);
    for (const { output } of results().slice(0, 2)) {
      expect(output).toContain('"locked.txt"');
      expect(output).toContain("chmod -R u+rwX");
    }
    expect(results()[0]?.output).toContain("exit code: 0");
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  });
});

describe("work that the forge would not take", () => {
  it("is told to the coder at finish, before a reviewer reads it", async () => {
    harness = EngineHarness.start({ "a.txt": "a\n", "with\ttab.txt": "old\n" });
    harness.forge.repository.submodules.push("vendor/lib");
    harness.begin("implement");
    harness.turns = [
      [
        use("a", "write_file", { path: "vendor/lib/x.js", content: "x\n" }),
        use("b", "write_file", { path: "with\ttab.txt", content: "new\n" }),
        use("c", "write_file", { path: "A.TXT", content: "twin\n" }),
      ],
      [finish("d")],
      [shell("e", "rm -r vendor A.TXT")],
      [finish("f")],
      [review("g")],
    ];
    await harness.drive();
    const [, , , refused] = results();
    expect(refused).toMatchObject({ name: "finish", outcome: "error" });
    expect(refused?.output).toContain('lies in the submodule "vendor/lib"');
    expect(refused?.output).toContain('"A.TXT": differs from "a.txt" only by case');
    expect(refused?.output).not.toContain("tab");
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expect(violations().filter(({ severity }) => severity === "BLOCK")).toEqual([]);
  });
});

describe("the coder's tools", () => {
  const bytesOf = (path: string) => {
    const change = harness.journal.work("1").find((each) => each.path === path);
    return String.fromCharCode(...(change?.bytes ?? []));
  };

  it("keep a file's line ends, byte order mark and encoding", async () => {
    harness = EngineHarness.start({ "crlf.txt": "a\r\nb\r\nc\r\n", "mark.cs": "\uFEFFold\n" });
    harness.forge.repository.files.set(
      "latin.txt",
      new FileEntry(Uint8Array.from("caf\u00e9 = 1\n", (character) => character.charCodeAt(0))),
    );
    harness.begin("implement");
    harness.turns = [
      [
        use("a", "edit_file", { path: "crlf.txt", old_string: "a\nb", new_string: "x\ny" }),
        use("b", "write_file", { path: "mark.cs", content: "new\n" }),
        use("c", "read_file", { path: "latin.txt" }),
        use("d", "edit_file", { path: "latin.txt", old_string: "= 1", new_string: "= 2" }),
        use("e", "grep", { pattern: "caf", path: "latin.txt" }),
      ],
      [finish("f")],
      [review("g")],
    ];
    await harness.drive();
    expect(results().map(({ outcome }) => outcome)).toEqual(["ok", "ok", "ok", "ok", "ok", "ok", "ok"]);
    expect(results()[2]?.output).toContain("café = 1");
    expect(results()[2]?.output).toContain("not UTF-8");
    expect(results()[4]?.output).toMatch(/^latin\.txt:1:caf/u);
    expect(bytesOf("crlf.txt")).toBe("x\r\ny\r\nc\r\n");
    expect(bytesOf("mark.cs")).toBe("\u00ef\u00bb\u00bfnew\n");
    expect(bytesOf("latin.txt")).toBe("caf\u00e9 = 2\n");
  });

  it("show the reviewer a change of the mode alone", async () => {
    harness = EngineHarness.start({ "run.sh": "#!/bin/sh\n" });
    harness.begin("implement");
    harness.turns = [[shell("a", "chmod 755 run.sh")], [finish("b")], [review("c")]];
    await harness.drive();
    expect(JSON.stringify(harness.requests.at(-1))).toContain("modified run.sh (mode 100644 to 100755)");
  });
});

describe("a file that Git LFS keeps", () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"a".repeat(64)}\nsize 12345\n`;

  it("is named to the agent as a pointer, and its raw content is refused at finish", async () => {
    harness = EngineHarness.start({ ".gitattributes": "*.png filter=lfs diff=lfs -text\n", "old.png": pointer });
    harness.begin("implement");
    harness.turns = [
      [use("a", "read_file", { path: "old.png" }), use("b", "write_file", { path: "new.png", content: "\u0089PNG" })],
      [finish("c")],
      [use("d", "write_file", { path: "new.png", content: pointer })],
      [finish("e")],
      [review("f")],
    ];
    await harness.drive();
    const [read, , refused] = results();
    expect(read?.output).toContain("pointer of Git LFS");
    expect(refused).toMatchObject({ name: "finish", outcome: "error" });
    expect(refused?.output).toContain('"new.png": is kept by Git LFS');
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  });
});
