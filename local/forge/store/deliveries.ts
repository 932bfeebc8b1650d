import type { Database } from "./database.ts";
import { integer, nullableInteger, nullableText, text, type SqlRow } from "./rows.ts";

/** One attempt to hand one event to the webhook URL. */
export interface Delivery {
  readonly id: number;
  /** The event's own id: the same for every attempt, so that a receiver can drop doubles. */
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly installationId: number | null;
  readonly repositoryId: number | null;
  readonly payload: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly isRedelivery: boolean;
  /** When it is to be tried; null once it was. */
  readonly dueAtMs: number | null;
  readonly deliveredAtMs: number;
  readonly durationMs: number;
  readonly status: string;
  /** 0 when nothing answered. */
  readonly statusCode: number;
  readonly requestHeaders: string;
  readonly responseHeaders: string;
  readonly responseBody: string | null;
}

function delivery(row: SqlRow): Delivery {
  return {
    id: integer(row, "id"),
    guid: text(row, "guid"),
    event: text(row, "event"),
    action: nullableText(row, "action"),
    installationId: nullableInteger(row, "installation_id"),
    repositoryId: nullableInteger(row, "repository_id"),
    payload: text(row, "payload"),
    attempt: integer(row, "attempt"),
    isRedelivery: integer(row, "is_redelivery") === 1,
    dueAtMs: nullableInteger(row, "due_at_ms"),
    deliveredAtMs: integer(row, "delivered_at_ms"),
    durationMs: integer(row, "duration_ms"),
    status: text(row, "status"),
    statusCode: integer(row, "status_code"),
    requestHeaders: text(row, "request_headers"),
    responseHeaders: text(row, "response_headers"),
    responseBody: nullableText(row, "response_body"),
  };
}

/** Webhook deliveries, done and due. */
export class DeliveryStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add(row: {
    guid: string;
    event: string;
    action: string | null;
    installationId: number | null;
    repositoryId: number | null;
    payload: string;
    attempt: number;
    isRedelivery: boolean;
    dueAtMs: number;
  }): number {
    return this.#database.insert(
      `INSERT INTO deliveries (guid, event, action, installation_id, repository_id, payload, attempt, is_redelivery, due_at_ms, delivered_at_ms, status)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending')`,
      row.guid,
      row.event,
      row.action,
      row.installationId,
      row.repositoryId,
      row.payload,
      row.attempt,
      row.isRedelivery ? 1 : 0,
      row.dueAtMs,
      row.dueAtMs,
    );
  }

  /** The delivery that is to be tried first. */
  nextDue(): Delivery | undefined {
    const row = this.#database.get(
      "SELECT * FROM deliveries WHERE due_at_ms IS NOT NULL ORDER BY due_at_ms, id LIMIT 1",
    );
    return row === undefined ? undefined : delivery(row);
  }

  find(id: number): Delivery | undefined {
    const row = this.#database.get("SELECT * FROM deliveries WHERE id = ?", id);
    return row === undefined ? undefined : delivery(row);
  }

  /** Tried ones, newest first, at most `limit`, older than `beforeId` when given. */
  list(limit: number, beforeId?: number): Delivery[] {
    return this.#database
      .all(
        "SELECT * FROM deliveries WHERE status <> 'pending' AND (?1 IS NULL OR id < ?1) ORDER BY id DESC LIMIT ?2",
        beforeId ?? null,
        limit,
      )
      .map(delivery);
  }

  setTried(
    id: number,
    result: {
      atMs: number;
      durationMs: number;
      status: string;
      statusCode: number;
      requestHeaders: string;
      responseHeaders: string;
      responseBody: string | null;
    },
  ): void {
    this.#database.run(
      `UPDATE deliveries SET due_at_ms = NULL, delivered_at_ms = ?, duration_ms = ?, status = ?, status_code = ?, request_headers = ?,
         response_headers = ?, response_body = ? WHERE id = ?`,
      result.atMs,
      result.durationMs,
      result.status,
      result.statusCode,
      result.requestHeaders,
      result.responseHeaders,
      result.responseBody,
      id,
    );
  }

  /** Keeps the newest `count` that were tried. */
  prune(count: number): void {
    this.#database.run(
      "DELETE FROM deliveries WHERE due_at_ms IS NULL AND id <= (SELECT id FROM deliveries ORDER BY id DESC LIMIT 1 OFFSET ?)",
      count,
    );
  }
}
