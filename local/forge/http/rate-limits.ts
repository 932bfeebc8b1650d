import type { Actor } from "../auth/actor.ts";
import type { Headers } from "./answer.ts";

const windowMs = 60 * 60_000;

/** Requests an hour for each kind of caller, as on GitHub. */
const limits: Readonly<Record<Actor["kind"], number>> = {
  installation: 15_000,
  app: 5_000,
  user: 5_000,
  anonymous: 60_000,
};

interface Window {
  used: number;
  readonly endsAtMs: number;
}

export interface RateState {
  readonly limit: number;
  readonly used: number;
  readonly remaining: number;
  /** UTC seconds. */
  readonly reset: number;
}

/** Counts requests by caller and hour. https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
export class RateLimits {
  readonly #windows = new Map<string, Window>();

  /** Reads a caller's state; `count` takes one request off. */
  state(actor: Actor, nowMs: number, count: boolean): RateState {
    const key =
      actor.kind === "installation"
        ? `installation:${actor.installation.id}`
        : actor.kind === "user"
          ? `user:${actor.user.id}`
          : actor.kind;
    let current = this.#windows.get(key);
    if (current === undefined || current.endsAtMs <= nowMs) {
      current = { used: 0, endsAtMs: nowMs + windowMs };
      this.#windows.set(key, current);
    }
    if (count) current.used += 1;
    const limit = limits[actor.kind];
    return {
      limit,
      used: Math.min(current.used, limit),
      remaining: Math.max(0, limit - current.used),
      reset: Math.ceil(current.endsAtMs / 1000),
    };
  }
}

/** The headers that every API answer carries. */
export function rateHeaders(state: RateState): Headers {
  return {
    "x-ratelimit-limit": String(state.limit),
    "x-ratelimit-remaining": String(state.remaining),
    "x-ratelimit-used": String(state.used),
    "x-ratelimit-reset": String(state.reset),
    "x-ratelimit-resource": "core",
  };
}
