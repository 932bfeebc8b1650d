import { guardStream, readAll } from "./bytes.ts";
import { StoppedRequest, forgeError, fromAnswer } from "./errors.ts";
import { PortError } from "../../ports/errors.ts";

/** As much of `fetch` as the adapter calls. */
export type FetchFunction = (url: string, init: RequestInit) => Promise<Response>;

/** Bounds of every exchange with the forge. */
export interface ForgeLimits {
  /** Until the headers are there; for a buffered answer, until all of it is. */
  readonly timeoutMs: number;
  /** Longest silence inside a streamed body. */
  readonly idleTimeoutMs: number;
  readonly maxAnswerBytes: number;
  readonly maxFileBytes: number;
  /** Of one blob that is passed on as a stream. */
  readonly maxBlobBytes: number;
  readonly maxTarballBytes: number;
  readonly maxLogBytes: number;
}

export const defaultLimits: ForgeLimits = {
  timeoutMs: 30_000,
  idleTimeoutMs: 30_000,
  // GitHub cuts a recursive tree at 7 MB, its largest answer here.
  maxAnswerBytes: 16 * 1024 * 1024,
  maxFileBytes: 10 * 1024 * 1024,
  // GitHub gives no larger one out.
  maxBlobBytes: 100 * 1024 * 1024,
  maxTarballBytes: 512 * 1024 * 1024,
  maxLogBytes: 256 * 1024 * 1024,
};

const maxRedirects = 5;

/** The two fetches that Octokit is given: one reads the whole answer within bounds, one hands the body on as a guarded stream. */
export interface ForgeFetch {
  readonly buffered: FetchFunction;
  streamed(maxBytes: number): FetchFunction;
}

/**
 * Wraps `fetch` so that nothing from the forge is unbounded in size, time or redirects. Redirects are followed here,
 * for GET alone and at most five: to https, or to one of `trustedOrigins`; the Authorization header stays behind when
 * the origin changes, since logs and tarballs are handed out by other hosts through signed URLs.
 */
export function createForgeFetch(
  fetchFunction: FetchFunction,
  trustedOrigins: readonly string[],
  limits: ForgeLimits,
): ForgeFetch {
  const follow = async (url: string, init: RequestInit, signal: AbortSignal): Promise<Response> => {
    let target = new URL(url);
    const headers = new Headers(init.headers);
    for (let hop = 0; hop <= maxRedirects; hop += 1) {
      const response = await fetchFunction(target.href, { ...init, headers, redirect: "manual", signal });
      const location = response.headers.get("location");
      if (response.status >= 500 && response.headers.has("retry-after")) {
        // The forge names a delay: no quick retry then.
        await response.body?.cancel();
        throw fromAnswer(
          { status: response.status, headers: Object.fromEntries(response.headers), data: "" },
          target.pathname,
          false,
        );
      }
      if (response.status < 300 || response.status > 399 || location === null) return response;
      await response.body?.cancel();
      if (init.method !== undefined && init.method !== "GET") {
        // Done again, the write finds the repository's new name by its id.
        throw forgeError(
          "transient",
          "moved",
          `the forge redirects a write from ${target.pathname}: was the repository renamed?`,
        );
      }
      const next = redirectTarget(location, target, trustedOrigins);
      if (next.origin !== target.origin) headers.delete("authorization");
      target = next;
    }
    throw forgeError(
      "permanent",
      "too_many_redirects",
      `more than ${maxRedirects} redirects from ${new URL(url).pathname}`,
    );
  };

  const within = async <T>(url: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), limits.timeoutMs);
    try {
      return await work(controller.signal);
    } catch (error) {
      if (error instanceof PortError) throw new StoppedRequest(error);
      if (!controller.signal.aborted) throw error;
      throw new StoppedRequest(
        forgeError("transient", "timeout", `no answer within ${limits.timeoutMs} ms from ${new URL(url).pathname}`),
      );
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    buffered: (url, init) =>
      within(url, async (signal) => {
        const response = await follow(url, init, signal);
        if (response.body === null) return response;
        const bytes = await readAll(response.body, limits.maxAnswerBytes, new URL(url).pathname);
        return new Response(bytes, {
          status: response.status,
          statusText: response.statusText,
          headers: plainHeaders(response),
        });
      }),
    streamed: (maxBytes) => (url, init) =>
      within(url, async (signal) => {
        const response = await follow(url, init, signal);
        if (response.body === null) return response;
        const body = guardStream(
          response.body,
          { maxBytes, idleTimeoutMs: limits.idleTimeoutMs },
          new URL(url).pathname,
        );
        return new Response(body, {
          status: response.status,
          statusText: response.statusText,
          headers: plainHeaders(response),
        });
      }),
  };
}

function redirectTarget(location: string, from: URL, trustedOrigins: readonly string[]): URL {
  if (!URL.canParse(location, from.href))
    throw forgeError("permanent", "bad_redirect", `the forge redirects ${from.pathname} to no valid address`);
  const target = new URL(location, from);
  if (target.protocol === "https:" || trustedOrigins.includes(target.origin)) return target;
  throw forgeError(
    "permanent",
    "bad_redirect",
    `the forge redirects ${from.pathname} to ${target.protocol}//${target.host}`,
  );
}

/** The body is decoded by now, so what described its encoding is no longer true. */
function plainHeaders(response: Response): Headers {
  const headers = new Headers(response.headers);
  headers.delete("content-encoding");
  headers.delete("content-length");
  return headers;
}
