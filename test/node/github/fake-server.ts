import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createHash, generateKeyPairSync } from "node:crypto";
import type { GitHubOptions } from "../../../worker/adapters/github/client.ts";
import type { RepositoryRef } from "../../../worker/ports/forge.ts";

export interface SeenRequest {
  readonly method: string;
  /** Path with query, as it came over the wire. */
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
}

/** Answers a request, or takes the response over and returns undefined. */
export type Handler = (request: SeenRequest, response: ServerResponse) => Answer | undefined;

export interface FakeServer {
  readonly url: string;
  /** All but the minting of tokens. */
  readonly requests: readonly SeenRequest[];
  /** Bodies of the requests that minted tokens. */
  readonly mints: readonly unknown[];
  close(): Promise<void>;
}

export const repository: RepositoryRef = { installationId: "7", externalId: "42", owner: "octo", name: "lib" };
export const commit = "a".repeat(40);

/** A server that mints installation tokens `ghs_1`, `ghs_2` ... and leaves every other request to `handler`. */
export async function startFakeServer(handler: Handler): Promise<FakeServer> {
  const requests: SeenRequest[] = [];
  const mints: unknown[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      const seen = {
        method: request.method ?? "",
        url: request.url ?? "",
        authorization: request.headers.authorization,
        body: parseJson(text),
      };
      if (seen.url === "/app/installations/7/access_tokens") {
        mints.push(seen.body);
        const expires = { token: `ghs_${mints.length}`, expires_at: "2099-01-01T00:00:00Z" };
        const isWhole = typeof seen.body !== "object" || seen.body === null || !("repository_ids" in seen.body);
        send(response, { status: 201, json: isWhole ? expires : { ...expires, repositories: [repositoryAnswer] } });
        return;
      }
      requests.push(seen);
      const answer = handler(seen, response);
      if (answer !== undefined) send(response, answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    mints,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function parseJson(text: string): unknown {
  return text === "" ? undefined : JSON.parse(text);
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}

function send(response: ServerResponse, answer: Answer): void {
  const type = answer.json === undefined ? "text/plain; charset=utf-8" : "application/json; charset=utf-8";
  response.writeHead(answer.status, { "content-type": type, ...answer.headers });
  response.end(answer.json === undefined ? (answer.text ?? "") : JSON.stringify(answer.json));
}

let key: string | undefined;

/** Options of the adapter for a fake server, with a throw-away key. */
export function optionsFor(server: FakeServer): GitHubOptions {
  key ??= generateKeyPairSync("rsa", { modulusLength: 2048 })
    .privateKey.export({ type: "pkcs1", format: "pem" })
    .toString();
  return { apiBaseUrl: server.url, webBaseUrl: server.url, appId: "1", privateKeyPem: key };
}

/** Git's id of an object. */
export function objectId(type: "blob" | "tree" | "commit", bytes: Uint8Array): string {
  return createHash("sha1").update(`${type} ${bytes.length}\0`).update(bytes).digest("hex");
}

export const repositoryAnswer = {
  id: 42,
  name: "lib",
  owner: { login: "octo" },
  default_branch: "main",
  private: true,
  description: null,
  language: null,
};

/** The reason of a promise's rejection; undefined when it was not rejected. */
export async function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
