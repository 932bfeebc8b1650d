import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { costMicros } from "../../../domain/budget/cost.ts";
import { defaultModelIds, findModel, models } from "../../../domain/budget/models.ts";
import { prices, pricesAsOf } from "../../../domain/budget/prices.ts";

const usage = { inputTokens: 1000, cacheReadTokens: 2000, cacheWriteTokens: 400, outputTokens: 100 };

describe("costMicros", () => {
  test("adds each count at its own rate", () => {
    // 1000 x 4 + 2000 x 0.20 + 400 x 5 + 100 x 20
    expect(costMicros("claude-opus-5-5", usage)).toBe(8400);
    // 1000 x 2 + 2000 x 0.10 + 400 x 2.50 + 100 x 10
    expect(costMicros("gpt-6.1-sol", usage)).toBe(4200);
  });

  test("rounds up to a whole millionth, exactly where floating point would not", () => {
    const only = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 };
    expect(costMicros("claude-haiku-5-5", only)).toBe(0);
    expect(costMicros("claude-haiku-5-5", { ...only, cacheReadTokens: 1 })).toBe(1);
    expect(costMicros("claude-haiku-5-5", { ...only, cacheReadTokens: 100 })).toBe(1);
    expect(costMicros("claude-haiku-5-5", { ...only, cacheReadTokens: 101 })).toBe(2);
    // 0.1 x 10 + 0.125 x 16 + 0.01 x 300 is 6; the same sum in floating point is a little more and would round to 7.
    expect(
      costMicros("claude-haiku-5-5", { ...only, inputTokens: 10, cacheWriteTokens: 16, cacheReadTokens: 300 }),
    ).toBe(6);
    // 3 x 0.1 + 70 x 0.01 is exactly 1.
    expect(costMicros("gpt-6-luna", { ...only, inputTokens: 3, cacheReadTokens: 70 })).toBe(1);
  });

  test("a prompt over the threshold pays the long rates for all of it, its output included", () => {
    const at = { inputTokens: 2000, cacheReadTokens: 270_000, cacheWriteTokens: 0, outputTokens: 10 };
    expect(costMicros("gpt-6.1-sol", at)).toBe(2000 * 2 + 27_000 + 100);
    expect(costMicros("gpt-6.1-sol", { ...at, cacheWriteTokens: 1 })).toBe(2000 * 4 + 54_000 + 5 + 150);
    expect(costMicros("claude-opus-5-5", { ...at, inputTokens: 500_000 })).toBe(500_000 * 4 + 54_000 + 200);
  });

  test("unknown is null, never zero", () => {
    expect(costMicros("a-model-of-my-own", usage)).toBe(null);
    expect(costMicros("toString", usage)).toBe(null);
    for (const count of ["inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens"]) {
      for (const value of [undefined, null, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(costMicros("claude-opus-5-5", { ...usage, [count]: value })).toBe(null);
      }
    }
  });

  test("large counts stay exact", () => {
    const large = {
      ...usage,
      inputTokens: 1_000_000_000_000,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      outputTokens: 0,
    };
    expect(costMicros("claude-opus-5-5", large)).toBe(4_000_000_000_000);
  });
});

describe("the catalogue", () => {
  const typesOf = (packageName: string, file: string) =>
    readFileSync(new URL(`../../../node_modules/${packageName}/${file}`, import.meta.url), "utf8");

  /** The SDK's own union of model ids. */
  const unions = {
    anthropic:
      /export type Model = ([^;]*);/.exec(typesOf("@anthropic-ai/sdk", "resources/messages/messages.d.ts"))?.[1] ?? "",
    openai: /export type ChatModel = ([^;]*);/.exec(typesOf("openai", "resources/shared.d.ts"))?.[1] ?? "",
  };
  /** The models that the SDKs mark as deprecated. */
  const deprecated = {
    anthropic:
      /const DEPRECATED_MODELS = \{([^}]*)\}/.exec(
        typesOf("@anthropic-ai/sdk", "resources/messages/messages.js"),
      )?.[1] ?? "",
    openai: /Deprecated values:([\s\S]*?)\*\//.exec(typesOf("openai", "resources/shared.d.ts"))?.[1] ?? "",
  };

  test("the SDKs' lists were found", () => {
    for (const text of [unions.anthropic, deprecated.anthropic]) expect(text).toContain("claude-");
    for (const text of [unions.openai, deprecated.openai]) expect(text).toContain("gpt-");
  });

  test.each(models.map((model) => [model.id, model] as const))(
    "%s is a current id of its vendor's SDK",
    (id, model) => {
      expect(unions[model.provider]).toContain(`'${id}'`);
      expect(deprecated[model.provider]).not.toMatch(new RegExp(`['"]${id.replaceAll(".", "\\.")}['"]`));
      expect(model.agent).toBe(model.provider === "anthropic" ? "Claude" : "Codex");
      expect(findModel(id)).toBe(model);
    },
  );

  test("ids are unique, each vendor has its default, and every price belongs to a model", () => {
    expect(new Set(models.map(({ id }) => id)).size).toBe(models.length);
    expect(findModel(defaultModelIds.anthropic)?.provider).toBe("anthropic");
    expect(findModel(defaultModelIds.openai)?.provider).toBe("openai");
    expect(findModel("nope")).toBe(undefined);
    for (const id of Object.keys(prices)) expect(findModel(id)?.id).toBe(id);
    expect(pricesAsOf).toMatch(/^2026-\d\d-\d\d$/);
  });

  test.each(Object.entries(prices))(
    "%s: reading a cache is cheaper than input, writing dearer, output dearest",
    (_id, price) => {
      for (const rates of [price, price.long ?? price]) {
        expect(rates.cacheRead).toBeGreaterThan(0);
        expect(rates.cacheRead).toBeLessThan(rates.input);
        expect(rates.cacheWrite).toBeCloseTo(rates.input * 1.25, 9);
        expect(rates.output).toBeGreaterThan(rates.cacheWrite);
      }
    },
  );
});
