import type { BoardObject } from "../durable-objects/board/board-object.ts";
import type { FeedObject } from "../durable-objects/feed/feed-object.ts";
import type { RunObject } from "../durable-objects/run/run-object.ts";
import type { QueueMessage } from "./queues/messages.ts";

/** Bindings and settings of the Worker. Read here and nowhere else. */
export interface Env {
  readonly DB: D1Database;
  readonly RUNS: DurableObjectNamespace<RunObject>;
  readonly BOARDS: DurableObjectNamespace<BoardObject>;
  readonly FEEDS: DurableObjectNamespace<FeedObject>;
  readonly QUEUE: Queue<QueueMessage>;
  readonly BLOBS: R2Bucket;
  readonly UPLOAD_LIMIT: RateLimit;
  readonly REQUEST_LIMIT: RateLimit;
  readonly START_LIMIT: RateLimit;
  readonly PUBLIC_URL: string;
  readonly BETTER_AUTH_SECRET: string;
  readonly GITHUB_WEB_URL: string;
  readonly GITHUB_API_URL: string;
  readonly GITHUB_APP_ID: string;
  readonly GITHUB_APP_PRIVATE_KEY: string;
  readonly GITHUB_CLIENT_ID: string;
  readonly GITHUB_CLIENT_SECRET: string;
  readonly GITHUB_WEBHOOK_SECRET: string;
  readonly SANDBOX_HOST_URL: string;
  readonly SANDBOX_HOST_TOKEN: string;
  /** 32 bytes in base64: seals tenants' secrets. */
  readonly MASTER_KEY: string;
  /** The master key before this one, while secrets sealed under it are still there. */
  readonly MASTER_KEY_PREVIOUS?: string;
  readonly ANTHROPIC_API_KEY?: string;
  readonly ANTHROPIC_BASE_URL?: string;
  readonly OPENAI_API_KEY?: string;
  readonly OPENAI_BASE_URL?: string;
  readonly ALLOWED_LOGINS?: string;
  /** Opens the operator's routes; at least 32 characters. Absent: they are closed. */
  readonly OPERATIONS_TOKEN?: string;
}

const required = [
  "PUBLIC_URL",
  "BETTER_AUTH_SECRET",
  "GITHUB_WEB_URL",
  "GITHUB_API_URL",
  "GITHUB_APP_ID",
  "GITHUB_APP_PRIVATE_KEY",
  "GITHUB_CLIENT_ID",
  "GITHUB_CLIENT_SECRET",
  "GITHUB_WEBHOOK_SECRET",
  "SANDBOX_HOST_URL",
  "SANDBOX_HOST_TOKEN",
  "MASTER_KEY",
] as const satisfies readonly (keyof Env)[];

/** Names of required settings that are missing: the deployment answers nothing but that until they are there. */
export function missingSettings(env: Env): readonly string[] {
  return required.filter((name) => (env[name] ?? "") === "");
}
