import { createHmac, randomUUID } from "node:crypto";
import type { EventPayloadMap } from "@octokit/webhooks-types";
import type { ForgeCore } from "../core.ts";
import type { Delivery } from "../store/deliveries.ts";
import type { Repository } from "../store/repositories.ts";

/** The time that the receiver has to answer: ten seconds, as on GitHub. */
const answerTimeoutMs = 10_000;
/** Waits before the next attempts of a failed delivery: a deployment on this machine may be restarting. */
const retryDelaysMs: readonly number[] = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
const keptDeliveries = 2_000;
const maxResponseChars = 4_096;

/** The subject of an event, for the delivery's record. */
export interface EventSubject {
  readonly repository?: Repository;
  readonly installationId?: number;
  readonly action?: string;
}

/**
 * Signed webhooks: every event is a row before it is sent, so that none is lost when the forge or the receiver dies.
 * Deliveries go out one at a time, oldest first; a failed one is tried again later with the same GUID.
 * https://docs.github.com/webhooks/webhook-events-and-payloads#delivery-headers
 */
export class Deliveries {
  readonly #core: ForgeCore;
  #url: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  readonly #stop = new AbortController();

  constructor(core: ForgeCore, url: string | undefined) {
    this.#core = core;
    this.#url = url;
  }

  get url(): string | undefined {
    return this.#url;
  }

  /** Where events go; undefined sends none and keeps what is due. */
  setUrl(url: string | undefined): void {
    this.#url = url;
    this.wake();
  }

  /** Records an event for delivery. Without a webhook URL nothing is recorded, as on GitHub. */
  emit<E extends keyof EventPayloadMap>(event: E, payload: EventPayloadMap[E], subject: EventSubject): void {
    this.emitAs(event, payload, subject);
  }

  /** The same of a payload that has not all of the fields that GitHub's has. */
  emitAs(event: keyof EventPayloadMap, payload: unknown, subject: EventSubject): void {
    if (this.#url === undefined) return;
    this.#core.store.deliveries.add({
      guid: randomUUID(),
      event,
      action: subject.action ?? null,
      installationId: subject.installationId ?? null,
      repositoryId: subject.repository?.id ?? null,
      payload: JSON.stringify(payload),
      attempt: 1,
      isRedelivery: false,
      dueAtMs: this.#core.now(),
    });
    this.wake();
  }

  /** Queues a past delivery again at once, with its GUID and bytes unchanged. */
  redeliver(delivery: Delivery): void {
    this.#core.store.deliveries.add({ ...delivery, attempt: 1, isRedelivery: true, dueAtMs: this.#core.now() });
    this.wake();
  }

  /** Looks for due deliveries now. */
  wake(): void {
    if (this.#stop.signal.aborted || this.#sending !== undefined || this.#url === undefined) return;
    clearTimeout(this.#timer);
    const next = this.#core.store.deliveries.nextDue();
    if (next === undefined || next.dueAtMs === null) return;
    const waitMs = Math.max(0, next.dueAtMs - this.#core.now());
    this.#timer = setTimeout(() => this.#start(next), waitMs);
  }

  #start(delivery: Delivery): void {
    if (this.#sending !== undefined) return;
    const work = this.#send(delivery)
      .catch((error: unknown) => console.error(`forge: delivery ${delivery.id}:`, error))
      .finally(() => {
        this.#sending = undefined;
        this.wake();
      });
    this.#sending = work;
  }

  async #send(delivery: Delivery): Promise<void> {
    const url = this.#url;
    if (url === undefined) return;
    const { app, store } = this.#core;
    const headers = {
      "content-type": "application/json",
      "user-agent": "GitHub-Hookshot/local",
      "x-github-delivery": delivery.guid,
      "x-github-event": delivery.event,
      "x-github-hook-id": String(app.id),
      "x-github-hook-installation-target-id": String(app.id),
      "x-github-hook-installation-target-type": "integration",
      "x-hub-signature-256": `sha256=${createHmac("sha256", app.webhookSecret).update(delivery.payload, "utf8").digest("hex")}`,
    };
    const startedMs = this.#core.now();
    const outcome = await post(url, headers, delivery.payload, this.#stop.signal);
    // Closing the forge is not the receiver's failure: the row stays due and goes out at the next start.
    if (this.#stop.signal.aborted && outcome.statusCode === 0) return;
    store.transaction(() => {
      store.deliveries.setTried(delivery.id, {
        ...outcome,
        atMs: startedMs,
        durationMs: this.#core.now() - startedMs,
        requestHeaders: JSON.stringify(headers),
      });
      const delayMs = retryDelaysMs[delivery.attempt - 1];
      if (outcome.status !== "OK" && delayMs !== undefined) {
        const next = {
          ...delivery,
          attempt: delivery.attempt + 1,
          isRedelivery: true,
          dueAtMs: this.#core.now() + delayMs,
        };
        store.deliveries.add(next);
      }
      store.deliveries.prune(keptDeliveries);
    });
  }

  /** Stops sending and waits for the delivery under way; due deliveries stay due. */
  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#sending;
  }
}

interface Outcome {
  readonly status: string;
  readonly statusCode: number;
  readonly responseHeaders: string;
  readonly responseBody: string | null;
}

async function post(url: string, headers: Record<string, string>, body: string, stop: AbortSignal): Promise<Outcome> {
  try {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(answerTimeoutMs)]);
    const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
    const text = await response.text();
    return {
      status: response.ok ? "OK" : `Invalid HTTP Response: ${response.status}`,
      statusCode: response.status,
      responseHeaders: JSON.stringify(Object.fromEntries(response.headers)),
      responseBody: text.slice(0, maxResponseChars),
    };
  } catch (error) {
    const timedOut = error instanceof DOMException && error.name === "TimeoutError";
    return {
      status: timedOut ? "timed out" : "failed to connect to host",
      statusCode: 0,
      responseHeaders: "{}",
      responseBody: null,
    };
  }
}
