import { describe, expect, it } from "vitest";
import { StreamRedactor } from "../../../domain/policy/redact-stream.ts";
import { redactSecrets } from "../../../domain/policy/secrets.ts";

const lines = Array.from({ length: 25 }, (_, index) => `${index}Ab/+9`.repeat(10).slice(0, 64));
const key = ["-----BEGIN RSA PRIVATE KEY-----", ...lines, "-----END RSA PRIVATE KEY-----"].join("\n");
const token = `ghp_${"a1B2".repeat(9)}`;
const jwt = `eyJ${"a".repeat(400)}.eyJ${"b".repeat(900)}.${"c".repeat(300)}`;
const url = "postgres://ada:hunter2hunter2@db.example/x";

describe("a private key is redacted whole", () => {
  it.each([
    ["in text", `a\n${key}\nb`, "a\n[redacted: private key]\nb"],
    ["as JSON has it", JSON.stringify({ key }), '{"key":"[redacted: private key]"}'],
    ["without its end", `a\n${key.slice(0, 390)}\nwell, b`, "a\n[redacted: private key]\nwell, b"],
    ["without its beginning", `a\n${key.slice(100)}\nb`, "a\n[redacted: private key]\nb"],
    ["twice", `${key} and ${key}`, "[redacted: private key] and [redacted: private key]"],
    ["as a diff has it", `+${key.replaceAll("\n", "\n+")}\n b`, "+[redacted: private key]\n b"],
  ])("%s", (_where, text, expected) => {
    expect(redactSecrets(text)).toBe(expected);
  });

  it("and a mere mention of its first line takes nothing else along", () => {
    const said = "It begins with -----BEGIN PRIVATE KEY----- and we look for that.";
    expect(redactSecrets(said)).toBe("It begins with [redacted: private key] and we look for that.");
  });

  it("in linear time", () => {
    const hostile = "-----BEGIN PRIVATE KEY-----A".repeat(40_000);
    const startedAtMs = performance.now();
    redactSecrets(hostile);
    redactSecrets("-----END PRIVATE KEY-----".repeat(40_000));
    redactSecrets(`${"QUFB".repeat(250_000)}-----END PRIVATE KEY-----`);
    // Work that grows with the square of a megabyte takes minutes; a busy machine only seconds.
    expect(performance.now() - startedAtMs).toBeLessThan(15_000);
  });
});

describe("a stream", () => {
  const stream = (text: string, size: number): string => {
    const redactor = new StreamRedactor();
    let shown = "";
    for (let from = 0; from < text.length; from += size) shown += redactor.push(text.slice(from, from + size));
    return shown;
  };

  it.each([1, 3, 7, 64, 5_000])("in pieces of %i characters shows no part of a credential", (size) => {
    const text = `So ${token} and ${jwt} then ${url} or\n${key}\nend of it. `;
    const shown = stream(text, size);
    expect(shown).toBe(redactSecrets(text));
    for (const secret of ["ghp_", "eyJ", "hunter2", lines[3] ?? ""]) expect(shown).not.toContain(secret);
  });

  it("shows prose word by word, also where words have no spaces between", () => {
    const redactor = new StreamRedactor();
    expect(redactor.push("Hello wor")).toBe("Hello ");
    expect(redactor.push("ld. ")).toBe("world. ");
    expect(redactor.push("世界和平")).toBe("世界和平");
  });

  it("holds back no more than a credential is long", () => {
    const text = "x".repeat(30_000);
    expect(stream(text, 1_000).length).toBeGreaterThan(text.length - 10_000);
    expect(stream(`${"x".repeat(9_000)} ${token} y `, 100)).not.toContain("ghp_");
    expect(stream(`${"-".repeat(7_000)}${token}${"-".repeat(9_000)}`, 100)).not.toContain("ghp_");
  });

  it("goes on after a first line that no key followed", () => {
    expect(stream(`-----BEGIN PRIVATE KEY----- ${"word ".repeat(8_000)}`, 500)).toContain("word word");
  });
});
