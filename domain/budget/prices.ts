/** US dollars per million tokens. `cacheWrite` is the shortest lifetime on sale: five minutes at Anthropic, thirty at OpenAI. */
export interface TokenRates {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
}

export interface ModelPrice extends TokenRates {
  /** A call whose prompt (uncached, read and written together) has more tokens than `overTokens` pays these rates for all of it. */
  readonly long?: TokenRates & { readonly overTokens: number };
}

/** The date of the newest source below: a later change of price is not in here. */
export const pricesAsOf = "2026-11-10";

/**
 * List prices of standard, not batch, flex or fast, calls. A model whose price is not published has no entry: its cost is
 * unknown, never zero.
 *
 * Anthropic: https://platform.claude.com/docs/en/about-claude/pricing and https://platform.claude.com/docs/en/models/overview
 * OpenAI: https://developers.openai.com/api/docs/pricing and https://developers.openai.com/api/docs/models; a cache write
 * costs 1.25 times the input rate, and a prompt of more than 272,000 tokens 2 times the input and cache rates and 1.5
 * times the output rate for the whole call.
 */
export const prices: Readonly<Record<string, ModelPrice>> = {
  // https://docs.laozhang.ai/en/announcements/claude-fable-5-2-2026-11.md repeats the vendor's four rates of 2026-11-10.
  "claude-fable-5-2": { input: 8, cacheRead: 0.2, cacheWrite: 10, output: 40 },
  // https://platform.claude.com/docs/zh-CN/models/opus-5-5/overview
  "claude-opus-5-5": { input: 4, cacheRead: 0.2, cacheWrite: 5, output: 20 },
  // https://platform.claude.com/docs/zh-CN/models/sonnet-5-5/overview; cache reads were halved on 2026-10-07:
  // https://github.com/kurofune/claudit/releases/tag/v1.9.2
  "claude-sonnet-5-5": { input: 2, cacheRead: 0.1, cacheWrite: 2.5, output: 10 },
  // https://platform.claude.com/docs/about-claude/models/overview ("from $0.10 / $0.50"); both bands:
  // https://github.com/kurofune/claudit/releases/tag/v1.9.2
  "claude-haiku-5-5": {
    input: 0.1,
    cacheRead: 0.01,
    cacheWrite: 0.125,
    output: 0.5,
    long: { overTokens: 100_000, input: 0.5, cacheRead: 0.05, cacheWrite: 0.625, output: 2.5 },
  },
  // https://developers.openai.com/api/docs/models/gpt-6-astra; https://github.com/BerriAI/litellm/discussions/39633
  "gpt-6-astra": {
    input: 10,
    cacheRead: 1,
    cacheWrite: 12.5,
    output: 50,
    long: { overTokens: 272_000, input: 20, cacheRead: 2, cacheWrite: 25, output: 75 },
  },
  // https://developers.openai.com/api/docs/models/gpt-6.1-sol; https://dev.to/hassann/how-to-use-gpt-61-sol-apl--45cg
  "gpt-6.1-sol": {
    input: 2,
    cacheRead: 0.1,
    cacheWrite: 2.5,
    output: 10,
    long: { overTokens: 272_000, input: 4, cacheRead: 0.2, cacheWrite: 5, output: 15 },
  },
  // https://apidog.com/de/blog/gpt-6-1-terra-pricing/ lists the rates of the vendor's page of 2026-10-26.
  "gpt-6.1-terra": {
    input: 1,
    cacheRead: 0.05,
    cacheWrite: 1.25,
    output: 5,
    long: { overTokens: 272_000, input: 2, cacheRead: 0.1, cacheWrite: 2.5, output: 7.5 },
  },
  // https://github.com/merefield/codexometer/releases/tag/v0.18.4 and https://github.com/BerriAI/litellm/discussions/42523
  "gpt-6-luna": {
    input: 0.1,
    cacheRead: 0.01,
    cacheWrite: 0.125,
    output: 0.5,
    long: { overTokens: 272_000, input: 0.2, cacheRead: 0.02, cacheWrite: 0.25, output: 0.75 },
  },
};
