import type { IncomingMessage } from "node:http";
import { ApiError, unprocessable } from "./errors.ts";

/** Largest request body of the REST API, in bytes: a 40 MB blob in base64 fits. */
export const maxBodyBytes = 64 * 1024 * 1024;

/** Reads a request's body whole. Throws ApiError 413 over `limit` bytes. */
export async function readBody(incoming: IncomingMessage, limit = maxBodyBytes): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const part: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += part.length;
    if (size > limit) throw new ApiError(413, "Payload too large");
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}

/** A JSON object whose fields are read one by one, each with GitHub's complaint when it is missing or of another type. */
export class Fields {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(values: ReadonlyMap<string, unknown>) {
    this.#values = values;
  }

  /** Reads a body that must be a JSON object or empty. Throws ApiError 400. */
  static parse(body: Buffer): Fields {
    if (body.length === 0) return new Fields(new Map());
    let value: unknown;
    try {
      value = JSON.parse(body.toString("utf8"));
    } catch {
      throw new ApiError(400, "Problems parsing JSON");
    }
    return Fields.of(value);
  }

  /** Wraps a value that must be an object. Throws ApiError 400. */
  static of(value: unknown): Fields {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new ApiError(400, "Body should be a JSON object");
    return new Fields(new Map<string, unknown>(Object.entries(value)));
  }

  has(name: string): boolean {
    return this.#values.get(name) !== undefined;
  }

  raw(name: string): unknown {
    return this.#values.get(name);
  }

  isNull(name: string): boolean {
    return this.#values.get(name) === null;
  }

  /** Null counts as absent. */
  text(name: string): string | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "string")
      throw unprocessable(`Invalid request.\n\nFor 'properties/${name}', ${JSON.stringify(value)} is not a string.`);
    return value;
  }

  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw unprocessable(`Invalid request.\n\n"${name}" wasn't supplied.`);
    return value;
  }

  integer(name: string): number | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "number" || !Number.isSafeInteger(value)) {
      throw unprocessable(`Invalid request.\n\nFor 'properties/${name}', ${JSON.stringify(value)} is not an integer.`);
    }
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "boolean")
      throw unprocessable(`Invalid request.\n\nFor 'properties/${name}', ${JSON.stringify(value)} is not a boolean.`);
    return value;
  }

  list(name: string): unknown[] | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value))
      throw unprocessable(`Invalid request.\n\nFor 'properties/${name}', ${JSON.stringify(value)} is not an array.`);
    return Array.from<unknown>(value);
  }

  /** A list of strings. */
  texts(name: string): string[] | undefined {
    return this.list(name)?.map((value) => {
      if (typeof value !== "string")
        throw unprocessable(`Invalid request.\n\nFor 'items', ${JSON.stringify(value)} is not a string.`);
      return value;
    });
  }

  object(name: string): Fields | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "object" || Array.isArray(value)) {
      throw unprocessable(`Invalid request.\n\nFor 'properties/${name}', ${JSON.stringify(value)} is not an object.`);
    }
    return Fields.of(value);
  }
}

/** Values of a path's placeholders, percent-decoded. */
export class Parameters {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  text(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined) throw new Error(`the route has no parameter ${name}`);
    return value;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** A positive whole number. Throws ApiError 404 for anything else, as GitHub does. */
  number(name: string): number {
    const value = this.text(name);
    if (!/^[1-9]\d{0,15}$/.test(value)) throw new ApiError(404, "Not Found");
    return Number(value);
  }
}
