import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import { tokensOfBytes } from "./tokens.ts";

/** A piece of a prompt in the order in which the vendor hashes it: tools, system, messages. */
export interface PromptPiece {
  /** Canonical text of the piece, without cache marks, so that moving a mark does not change the prefix. */
  readonly text: string;
  /** The time that the prefix ending here is kept, when the caller put a cache point on this piece. */
  readonly cacheForMs?: number;
}

/** Tokens of one prompt by how they are billed; the three add up to the whole prompt. */
export interface PromptUsage {
  readonly uncachedTokens: number;
  readonly readTokens: number;
  readonly writtenTokens: number;
}

/** The number of blocks before a cache point in which the vendor looks for an earlier entry. */
const lookbackPieces = 20;
/** OpenAI caches prefixes in steps of 128 tokens: https://developers.openai.com/api/docs/guides/prompt-caching */
const stepTokens = 128;
const automaticCacheMs = 10 * 60_000;

/**
 * A model of the vendors' prompt caches: prefix hashes per API key with an expiry. Nothing else of a prompt is kept.
 */
export class PromptCache {
  readonly #minimumTokens: number;
  readonly #now: () => number;
  readonly #expiryByHash = new Map<string, number>();
  readonly #limit = 50_000;

  /** `minimumTokens`: prefixes shorter than this are not cached, as with the vendors (1,024). `now`: UTC milliseconds. */
  constructor(minimumTokens: number, now: () => number) {
    this.#minimumTokens = minimumTokens;
    this.#now = now;
  }

  /**
   * Anthropic's rule: only prefixes that end at a cache point are written; a read may match any earlier written prefix
   * within 20 blocks before a cache point. https://platform.claude.com/docs/en/build-with-claude/prompt-caching
   */
  explicit(apiKey: string, pieces: readonly PromptPiece[]): PromptUsage {
    const prefixes: { hash: string; tokens: number; cacheForMs: number | undefined }[] = [];
    let bytes = 0;
    let hash = scope(apiKey, "explicit");
    for (const piece of pieces) {
      bytes += Buffer.byteLength(piece.text, "utf8");
      hash = chain(hash, piece.text);
      prefixes.push({ hash, tokens: tokensOfBytes(bytes), cacheForMs: piece.cacheForMs });
    }
    const totalTokens = tokensOfBytes(bytes);
    let readTokens = 0;
    for (const [index, point] of prefixes.entries()) {
      if (point.cacheForMs === undefined) continue;
      for (const prefix of prefixes.slice(Math.max(0, index - lookbackPieces), index + 1).reverse()) {
        if (prefix.tokens <= readTokens || !this.#has(prefix.hash)) continue;
        readTokens = prefix.tokens;
        this.#put(prefix.hash, point.cacheForMs);
        break;
      }
    }
    let lastPointTokens = 0;
    for (const prefix of prefixes) {
      if (prefix.cacheForMs === undefined || prefix.tokens < this.#minimumTokens) continue;
      this.#put(prefix.hash, prefix.cacheForMs);
      lastPointTokens = prefix.tokens;
    }
    const writtenTokens = Math.max(0, lastPointTokens - readTokens);
    return { uncachedTokens: totalTokens - readTokens - writtenTokens, readTokens, writtenTokens };
  }

  /** OpenAI's rule: every prefix is cached by itself in steps of 128 tokens, from `minimumTokens` on. */
  automatic(apiKey: string, prompt: string): PromptUsage {
    const bytes = Buffer.from(prompt, "utf8");
    const totalTokens = tokensOfBytes(bytes.length);
    let hash = scope(apiKey, "automatic");
    let readTokens = 0;
    let wholeTokens = 0;
    let unbroken = true;
    for (let start = 0; start + stepTokens * 4 <= bytes.length; start += stepTokens * 4) {
      hash = chain(hash, bytes.subarray(start, start + stepTokens * 4));
      wholeTokens += stepTokens;
      unbroken &&= this.#has(hash);
      if (unbroken) readTokens = wholeTokens;
      this.#put(hash, automaticCacheMs);
    }
    if (readTokens < this.#minimumTokens) readTokens = 0;
    const writtenTokens = wholeTokens < this.#minimumTokens ? 0 : wholeTokens - readTokens;
    return { uncachedTokens: totalTokens - readTokens, readTokens, writtenTokens };
  }

  /** Forgets everything. */
  clear(): void {
    this.#expiryByHash.clear();
  }

  #has(hash: string): boolean {
    const expiry = this.#expiryByHash.get(hash);
    return expiry !== undefined && expiry > this.#now();
  }

  #put(hash: string, keepMs: number): void {
    this.#expiryByHash.delete(hash);
    this.#expiryByHash.set(hash, this.#now() + keepMs);
    if (this.#expiryByHash.size <= this.#limit) return;
    const oldest = this.#expiryByHash.keys().next();
    if (!oldest.done) this.#expiryByHash.delete(oldest.value);
  }
}

function scope(apiKey: string, rule: string): string {
  return chain("", `${rule}\0${apiKey}`);
}

function chain(previous: string, piece: string | Buffer): string {
  return createHash("sha256").update(previous).update("\0").update(piece).digest("base64url");
}
