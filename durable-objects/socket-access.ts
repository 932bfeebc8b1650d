import { socketClose } from "../contracts/run-events.ts";
import { personSchema, type Person } from "../contracts/common.ts";
import { socketGrantMs, type SessionAccess, type SocketGrant } from "../worker/ports/run-host.ts";
import type { SocketHub, Viewer } from "./socket-hub.ts";

/** While an object works, an open socket is looked at again after this time. */
const lookEveryMs = 1_000;

const closings = {
  signed_out: [socketClose.signedOut, "signed out"],
  expired: [socketClose.signedOut, "the session has expired"],
  ended: [socketClose.signedOut, "the session has ended"],
  forbidden: [socketClose.forbidden, "you may no longer read this"],
} as const;
type Reason = keyof typeof closings;

/** The collaborators of the sockets' guard. */
interface Parts {
  readonly hub: SocketHub;
  /** Of these sessions, the ones that live, and whether their person still belongs to the object's tenant. */
  readonly accessOf: (sessionIds: readonly number[]) => Promise<readonly SessionAccess[]>;
  /** Whether the object works now, so that it is in memory anyway. */
  readonly isWorking: () => boolean;
  readonly nowMs: () => number;
  /** Sets the timer at which `closeExpired` is due, in UTC milliseconds; null clears it. */
  readonly plan: (dueMs: number | null) => void;
  readonly log: (level: "warn", message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/**
 * Closes sockets whose session has expired, ended, or belongs to a person who has left the tenant. While an object works its sockets are
 * looked at once a second, and once more after the last frame. An object at rest sends nothing and is not woken for it: the instant of
 * expiry has a timer, and the Worker's sweep tells the object of the others.
 */
export class SocketAccess {
  readonly #parts: Parts;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lookedAtMs = 0;
  /** Keys of sessions that have ended while this process lived; a key is never used again. */
  readonly #ended = new Set<string>();
  /** The grant of the run's start, until it is used. It is kept in memory alone: without it the Worker asks the database. */
  #grant: (SocketGrant & { readonly untilMs: number }) | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Closes the sockets of a session. One that has ended opens no more, also when the Worker had checked it before. */
  close(sessionKey: string, reason: Reason): void {
    // A person who left the tenant may come back with the same session.
    if (reason !== "forbidden") this.#ended.add(sessionKey);
    if (this.#grant?.sessionKey === sessionKey) this.#grant = undefined;
    this.#closeWhere((viewer) => viewer.sessionKey === sessionKey, reason);
  }

  /** Keeps the grant of the run's start, if it brought one, for its first use within seconds. */
  keepGrant(grant: SocketGrant | undefined): void {
    this.#grant = grant && { ...grant, untilMs: this.#parts.nowMs() + socketGrantMs };
  }

  /**
   * Answers an upgrade: of a session that the Worker has checked and names in its own headers, or with the key of a grant. 401 for a
   * session that has ended since, and for a key without a grant. A granted socket's session is looked at within a second, as all are.
   */
  open(headers: Headers, catchUp: (since: number) => Iterable<string>): Response {
    const viewer = this.#viewerOf(headers);
    const since = Number(headers.get("x-socket-since") ?? "0");
    if (viewer === undefined || this.#ended.has(viewer.sessionKey)) return new Response(null, { status: 401 });
    const response = this.#parts.hub.accept(viewer, catchUp(since));
    // A write here would hold the answer back until it is stored, and a socket that dies before needs no timer.
    setTimeout(() => this.closeExpired(), 0);
    this.watch();
    return response;
  }

  /** The viewer of an upgrade's headers. A grant's first use is its last, also when it comes too late. */
  #viewerOf(headers: Headers): Viewer | undefined {
    const key = headers.get("x-socket-grant");
    if (key === null) {
      const expiresAtMs = Number(headers.get("x-socket-expires") ?? "0");
      return { sessionKey: headers.get("x-socket-session") ?? "", expiresAtMs, ...personOf(headers) };
    }
    const grant = this.#grant;
    if (grant?.key !== key) return undefined;
    this.#grant = undefined;
    const { expiresAtMs, sessionKey, untilMs } = grant;
    return Math.min(untilMs, expiresAtMs) <= this.#parts.nowMs() ? undefined : { sessionKey, expiresAtMs };
  }

  /** Looks at the sockets within a second, and again while the object works. */
  watch(): void {
    if (this.#timer !== undefined || this.#parts.hub.viewers().length === 0) return;
    const waitMs = Math.max(0, this.#lookedAtMs + lookEveryMs - this.#parts.nowMs());
    this.#timer = setTimeout(() => {
      this.#lookedAtMs = this.#parts.nowMs();
      void this.#look().finally(() => {
        this.#timer = undefined;
        if (this.#parts.isWorking()) this.watch();
      });
    }, waitMs);
  }

  /** Closes the sockets whose sessions have expired, and plans the instant at which the next one does. */
  closeExpired(): void {
    const { hub, nowMs, plan } = this.#parts;
    const isExpired = ({ expiresAtMs }: Viewer): boolean => expiresAtMs <= nowMs();
    this.#closeWhere(isExpired, "expired");
    const left = hub.viewers().map(({ expiresAtMs }) => expiresAtMs);
    plan(left.length === 0 ? null : Math.min(...left));
  }

  /** A database that does not answer closes nothing: it is asked again in a second. */
  async #look(): Promise<void> {
    const { accessOf, hub, log } = this.#parts;
    const asked = new Set(hub.viewers().map(({ sessionKey }) => sessionKey));
    if (asked.size === 0) return;
    try {
      const access = new Map((await accessOf([...asked].map(Number))).map((one) => [String(one.sessionId), one]));
      this.#closeWhere(({ sessionKey }) => asked.has(sessionKey) && !access.has(sessionKey), "ended");
      this.#closeWhere(({ sessionKey }) => access.get(sessionKey)?.isMember === false, "forbidden");
    } catch (error) {
      log("warn", "sockets' sessions not looked at", { detail: String(error) });
    }
  }

  #closeWhere(isMeant: (viewer: Viewer) => boolean, reason: Reason): void {
    const [code, words] = closings[reason];
    this.#parts.hub.closeWhere(isMeant, code, words);
  }
}

/** The person of an upgrade, where the Worker names one in its own header. */
function personOf(headers: Headers): { readonly person?: Person } {
  const text = headers.get("x-socket-person");
  return text === null ? {} : { person: personSchema.parse(JSON.parse(decodeURIComponent(text))) };
}
