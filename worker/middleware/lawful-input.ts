import { createMiddleware } from "hono/factory";
import { isDeeperThan, lawfulValue, maxInputDepth } from "../../domain/run/lawful.ts";
import type { ApiEnv } from "../context.ts";
import { ServiceError } from "../errors.ts";

/** The only ways in which JSON can hold NUL or half of a surrogate pair: the bytes themselves are UTF-8. */
const unlawfulEscape = /\\u(?:0000|d[89a-f])/iu;

/**
 * Makes the texts of a request such as database and models can hold: NUL and half of a surrogate pair in a JSON body become U+FFFD. An
 * address with NUL and such a body that is nested beyond all sense are `invalid_request`.
 */
export const lawfulInput = createMiddleware<ApiEnv>(async (c, next) => {
  if (/%00/u.test(c.req.url)) throw new ServiceError("invalid_request", "The address holds a NUL character.");
  if (/\bjson\b/iu.test(c.req.header("content-type") ?? "")) {
    const text = await c.req.text();
    if (unlawfulEscape.test(text)) {
      const body = parsed(text);
      if (isDeeperThan(body, maxInputDepth)) throw new ServiceError("invalid_request", "The body is nested too deep.");
      if (body !== undefined) c.req.bodyCache = { json: Promise.resolve(lawfulValue(body)) };
    }
  }
  await next();
});

/** Undefined for what is no JSON, which its route refuses. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
