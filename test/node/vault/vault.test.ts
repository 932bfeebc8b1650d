import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createVault } from "../../../worker/adapters/vault/index.ts";

const key = (): string => randomBytes(32).toString("base64");

describe("the vault", () => {
  it("opens what it sealed, for the same row alone, and never writes the same twice", async () => {
    const vault = createVault([key()]);
    const secret = "sk-ant-ключ-🍋";
    const sealed = await vault.seal(secret, "tenant:1:provider:anthropic");
    expect(sealed).not.toContain("sk-ant");
    expect(await vault.open(sealed, "tenant:1:provider:anthropic")).toBe(secret);
    expect(await vault.seal(secret, "tenant:1:provider:anthropic")).not.toBe(sealed);
    await expect(vault.open(sealed, "tenant:2:provider:anthropic")).rejects.toMatchObject({ code: "sealed_elsewhere" });
  });

  it("finds every altered part", async () => {
    const vault = createVault([key()]);
    const sealed = await vault.seal("secret", "row");
    const parts = sealed.split(".");
    for (const index of [2, 3]) {
      const part = parts[index] ?? "";
      const middle = part.length >> 1;
      const other = part[middle] === "A" ? "B" : "A";
      const altered = parts.with(index, `${part.slice(0, middle)}${other}${part.slice(middle + 1)}`).join(".");
      await expect(vault.open(altered, "row")).rejects.toMatchObject({ kind: "permanent", code: "sealed_elsewhere" });
    }
    await expect(vault.open("", "row")).rejects.toMatchObject({ code: "sealed_elsewhere" });
    await expect(vault.open(parts.slice(0, 3).join("."), "row")).rejects.toMatchObject({ code: "sealed_elsewhere" });
  });

  it("opens under an older master key once there is a newer one, and says when the key is gone", async () => {
    const [old, next] = [key(), key()];
    const sealed = await createVault([old]).seal("secret", "row");
    expect(await createVault([next, old]).open(sealed, "row")).toBe("secret");
    await expect(createVault([next]).open(sealed, "row")).rejects.toMatchObject({ code: "unknown_key" });
    const renewed = await createVault([next, old]).seal("secret", "row");
    expect(await createVault([next]).open(renewed, "row")).toBe("secret");
  });

  it("refuses a master key of another length", async () => {
    await expect(createVault([randomBytes(16).toString("base64")]).seal("secret", "row")).rejects.toThrow("32 bytes");
  });
});
