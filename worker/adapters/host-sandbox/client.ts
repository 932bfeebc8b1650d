import type * as z from "zod";
import { sandboxHostProblem } from "../../../contracts/sandbox-host.ts";
import { PortError } from "../../ports/errors.ts";

export interface HostSandboxOptions {
  /** Base address of the sandbox host, such as `http://127.0.0.1:4100`. */
  readonly url: string;
  readonly token: string;
  readonly fetch?: typeof fetch;
}

export interface HostRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly json?: unknown;
  readonly body?: Uint8Array | ReadableStream<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Talks to one sandbox host; every failure comes out as a PortError. */
export class HostClient {
  readonly #origin: string;
  readonly #token: string;
  readonly #fetch: typeof fetch;

  constructor(options: HostSandboxOptions) {
    this.#origin = options.url.replace(/\/+$/, "");
    this.#token = options.token;
    // Called as a plain function: workerd refuses a fetch that is called as a method.
    const given = options.fetch;
    this.#fetch = given ?? ((input, init) => fetch(input, init));
  }

  /** Sends a request; resolves with an answer of status 200. Throws PortError for everything else. */
  async send(request: HostRequest): Promise<Response> {
    const url = new URL(this.#origin + request.path);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    const body = request.json === undefined ? request.body : JSON.stringify(request.json);
    const init = {
      method: request.method,
      headers: { authorization: `Bearer ${this.#token}`, ...request.headers },
      signal: request.signal,
      redirect: "manual" as const,
      // Node asks for `duplex` with a stream as body; workerd ignores it.
      ...(body === undefined ? {} : { body, duplex: "half" as const }),
    };
    let response: Response;
    try {
      response = await this.#fetch(url.href, init);
    } catch (error) {
      throw unreachable(error);
    }
    if (response.status === 200) return response;
    throw await problemOf(response);
  }

  /** Sends a request and checks the JSON answer. */
  async json<T>(request: HostRequest, schema: z.ZodType<T>): Promise<T> {
    const response = await this.send(request);
    const parsed = schema.safeParse(await readBody(() => response.json()));
    if (parsed.success) return parsed.data;
    throw new PortError(
      "sandbox",
      "permanent",
      "bad_answer",
      `the sandbox host's answer to ${request.path} doesn't fit`,
    );
  }
}

/**
 * Does `work` with a signal that fires after `timeoutMs`. The timer ends with the work: one that `AbortSignal.timeout` leaves behind
 * would keep a Durable Object from hibernating until it fires.
 */
export async function within<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Reads a body; one that breaks off is `host_unreachable`. */
export async function readBody<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw unreachable(error);
  }
}

/** The connection to the host failed or broke: trying again may help. */
export function unreachable(cause: unknown): PortError {
  if (cause instanceof PortError) return cause;
  return new PortError("sandbox", "transient", "host_unreachable", "the sandbox host can't be reached", { cause });
}

async function problemOf(response: Response): Promise<PortError> {
  const status = response.status;
  const parsed = sandboxHostProblem.safeParse(await response.json().catch(() => undefined));
  if (parsed.success) {
    const { kind, code, detail } = parsed.data;
    return new PortError("sandbox", kind, code, detail, { status });
  }
  // Not the host's own words: something between, such as a proxy.
  const kind = status >= 500 || status === 429 ? "transient" : "permanent";
  return new PortError("sandbox", kind, "host_unreachable", `the sandbox host answered ${String(status)}`, { status });
}
