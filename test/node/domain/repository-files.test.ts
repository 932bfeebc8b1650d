import { describe, expect, it } from "vitest";
import {
  instructionText,
  maxInstructionBytes,
  nestedInstructionFiles,
  unreadNestedText,
} from "../../../domain/instruction/repository-files.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const whole = (bytes: Uint8Array) => ({ path: "AGENTS.md", bytes, sizeBytes: bytes.length });

describe("an instruction file", () => {
  it("comes as it is", () => {
    expect(instructionText(whole(utf8("Use tabs – always.\n")))).toBe("Use tabs – always.");
    expect(instructionText(whole(new Uint8Array([0xef, 0xbb, 0xbf, ...utf8("Use tabs.")])))).toBe("Use tabs.");
  });

  it("that is too long is cut with a notice that says how to read on", () => {
    const bytes = utf8("x".repeat(40_000));
    const text = instructionText(whole(bytes));
    expect(text.startsWith("x".repeat(maxInstructionBytes))).toBe(true);
    expect(text).toContain("[Only the first 30000 of 40000 bytes are here. Read the rest with read_file AGENTS.md.]");
  });

  it.each([1, 2, 3])("that is cut inside a character keeps all characters before it (%i bytes)", (bytes) => {
    const text = instructionText({ path: "AGENTS.md", bytes: utf8("ab€"), sizeBytes: 900 }, 2 + bytes);
    expect(text.split("\n")[0]).toBe(bytes === 3 ? "ab€" : "ab");
    expect(text).not.toContain("windows-1252");
    expect(text).not.toContain("\ufffd");
  });

  it("in another encoding is read, and the encoding is said", () => {
    const latin1 = instructionText(whole(new Uint8Array([...utf8("Gr"), 0xfc, ...utf8("ezi")])));
    expect(latin1).toBe("Grüezi\n\n[AGENTS.md is not UTF-8. It was read as windows-1252.]");
    const utf16 = new Uint8Array([0xff, 0xfe, 0x48, 0, 0x69, 0]);
    expect(instructionText(whole(utf16))).toBe("Hi\n\n[AGENTS.md is not UTF-8. It was read as utf-16le.]");
    expect(instructionText(whole(new Uint8Array([0xfe, 0xff, 0, 0x48, 0, 0x69])))).toContain("Hi\n");
  });

  it("that is no text is named as such", () => {
    expect(instructionText(whole(new Uint8Array([1, 0, 2])))).toBe(
      "[AGENTS.md holds bytes that are no text, so it was not read.]",
    );
  });
});

describe("instruction files below the root", () => {
  it("are one a folder, nearest to the root first", () => {
    expect(
      nestedInstructionFiles([
        "AGENTS.md",
        "z/y/AGENTS.md",
        "b/CLAUDE.md",
        "a/CLAUDE.md",
        "a/AGENTS.md",
        "a/NOT-AGENTS.md",
        "c/agents.md",
      ]),
    ).toEqual(["a/AGENTS.md", "b/CLAUDE.md", "z/y/AGENTS.md"]);
  });

  it("without room are named, fifty of them", () => {
    const text = unreadNestedText(Array.from({ length: 60 }, (_, index) => `p${index}/AGENTS.md`));
    expect(text).toContain("- p49/AGENTS.md\n- and 10 more");
  });
});
