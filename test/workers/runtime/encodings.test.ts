import { expect, test } from "vitest";
import { instructionText } from "../../../domain/instruction/repository-files.ts";

// Node has more encodings than the Worker's runtime might.
test.each([
  ["windows-1252", [0x47, 0x72, 0xfc]],
  ["utf-16le", [0xff, 0xfe, 0x47, 0, 0x72, 0, 0xfc, 0]],
  ["utf-16be", [0xfe, 0xff, 0, 0x47, 0, 0x72, 0, 0xfc]],
] as const)("the Worker's runtime reads %s", (encoding, bytes) => {
  const text = instructionText({ path: "AGENTS.md", bytes: new Uint8Array(bytes), sizeBytes: bytes.length });
  expect(text).toBe(`Grü\n\n[AGENTS.md is not UTF-8. It was read as ${encoding}.]`);
});
