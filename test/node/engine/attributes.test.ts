import { afterEach, describe, expect, it } from "vitest";
import { EngineHarness } from "./harness.ts";
import { finish, review, use } from "./scenario.ts";

/* An archive of a repository is not its tree: attributes leave files out of it and change the content of others. */
let harness: EngineHarness;
afterEach(() => harness.close());

const base = {
  ".gitattributes": "*.bat text eol=crlf\nversion.txt export-subst\n*.c ident\ntests/ export-ignore\n",
  "run.bat": "one\ntwo\n",
  "version.txt": "$Format:%H$\nfirst\n",
  "a.c": "/* $Id$ */\nint a;\n",
  "tests/b.test.js": "old();\n",
};

describe("a repository whose archive is not its tree", () => {
  it("is worked on as its tree has it", async () => {
    harness = EngineHarness.start(base);
    const { archived } = harness.forge.repository;
    archived.set("run.bat", "one\r\ntwo\r\n");
    archived.set("version.txt", "0123456789abcdef\nfirst\n");
    archived.set("a.c", "/* $Id: 0123456789abcdef $ */\nint a;\n");
    archived.set("tests/b.test.js", null);
    harness.begin("implement");
    harness.turns = [
      [use("a", "read_file", { path: "tests/b.test.js" }), use("b", "list_files", { recursive: true })],
      [
        use("c", "edit_file", { path: "run.bat", old_string: "two", new_string: "three" }),
        use("d", "edit_file", { path: "version.txt", old_string: "first", new_string: "second" }),
        use("e", "edit_file", { path: "a.c", old_string: "int a;", new_string: "int b;" }),
        use("f", "write_file", { path: "tests/b.test.js", content: "new();\n" }),
      ],
      [finish("g")],
      [review("h")],
    ];
    await harness.drive();
    const violations = harness
      .events()
      .flatMap((event) => (event.type === "policy.evaluated" ? event.data.violations : []));
    expect(violations.filter(({ severity }) => severity === "BLOCK")).toEqual([]);
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    const work = harness.journal.work("1");
    expect(work.map(({ bytes, path, status }) => [path, status, new TextDecoder().decode(bytes)])).toEqual([
      ["a.c", "modified", "/* $Id$ */\nint b;\n"],
      ["run.bat", "modified", "one\nthree\n"],
      ["tests/b.test.js", "modified", "new();\n"],
      ["version.txt", "modified", "$Format:%H$\nsecond\n"],
    ]);
  });
});
