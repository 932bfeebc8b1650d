import type * as z from "zod";
import { problemSchema, type Problem } from "../../contracts/errors.ts";
import { CookieJar } from "./cookie-jar.ts";

/** An answer of the API that isn't 2xx. `problem` is its problem+json, where it was one. */
export class ApiRefusal extends Error {
  override readonly name = "ApiRefusal";
  readonly status: number;
  readonly problem: Problem | undefined;

  constructor(request: string, status: number, problem: Problem | undefined, text: string) {
    super(
      `${request} answered ${status}: ${problem === undefined ? text.slice(0, 300) : `${problem.code}: ${problem.detail}`}`,
    );
    this.status = status;
    this.problem = problem;
  }
}

/** One person's HTTP: cookies kept, redirects followed by hand so that cookies set on the way aren't lost. */
export class HttpSession {
  readonly baseUrl: string;
  readonly jar = new CookieJar();

  /** @param baseUrl the product's own origin, without a trailing slash */
  constructor(baseUrl: string) {
    this.baseUrl = baseUrl;
  }

  /** One request, as the person's browser would send it; no redirect is followed. */
  async send(
    method: string,
    address: string,
    options: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string } = {},
  ): Promise<Response> {
    const url = new URL(address, this.baseUrl);
    const cookie = this.jar.header(url);
    const response = await fetch(url, {
      method,
      redirect: "manual",
      headers: {
        ...(cookie === "" ? {} : { cookie }),
        ...(method === "GET" ? {} : { origin: url.origin }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: options.body }),
      signal: AbortSignal.timeout(60_000),
    });
    this.jar.keep(url, response.headers);
    return response;
  }

  /** A GET that follows at most ten redirects; the last address and answer. */
  async visit(address: string): Promise<{ readonly url: URL; readonly response: Response }> {
    let url = new URL(address, this.baseUrl);
    for (let hop = 0; hop < 10; hop += 1) {
      const response = await this.send("GET", url.href, { headers: { accept: "text/html" } });
      const location = response.headers.get("location");
      if (response.status < 300 || response.status > 399 || location === null) return { url, response };
      await response.body?.cancel();
      url = new URL(location, url);
    }
    throw new Error(`${address} redirects too often`);
  }

  /**
   * One call of the product's API.
   * @returns the answer's body, checked against `schema`
   * @throws ApiRefusal for every status but 2xx; ZodError for a body of another shape
   */
  async api<T extends z.ZodType>(
    schema: T,
    method: "GET" | "PATCH" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: unknown,
  ): Promise<z.infer<T>> {
    const response = await this.send(method, path, {
      headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) {
      const problem = problemSchema.safeParse(parseJson(text));
      throw new ApiRefusal(`${method} ${path}`, response.status, problem.data, text);
    }
    return schema.parse(text === "" ? undefined : parseJson(text));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
