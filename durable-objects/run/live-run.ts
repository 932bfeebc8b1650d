import type { RunEvent } from "../../contracts/run-events.ts";
import { abortsStep } from "../../domain/run/commands/table.ts";
import type { SteeringCommand } from "../../domain/run/commands/command.ts";
import type { EffectKind } from "../../domain/run/effects.ts";
import { composeRun, type Env, type RunDeps } from "../../worker/compose.ts";
import type { Caller, CommandResult, RunAnswer, RunCommand, RunQuery } from "../../worker/ports/run-host.ts";
import { applyCommand } from "../../worker/services/run/commands.ts";
import { driveOnce } from "../../worker/services/run/engine/driver.ts";
import { endSocket } from "../end-socket.ts";
import { SocketAccess } from "../socket-access.ts";
import { SocketHub } from "../socket-hub.ts";
import { Timers } from "../timers.ts";
import { adoptOutbox } from "./adopt.ts";
import { BodyPacks } from "./body-packs.ts";
import { catchUpFrames } from "./catch-up.ts";
import { createEffectHandlers } from "./effect-handlers.ts";
import { SqliteJournal } from "./journal.ts";
import { firstCommit, firstStepAfterMs } from "./first-commit.ts";
import { Outbox } from "./outbox.ts";
import { Projector } from "./projector.ts";
import { PullFollower } from "./pull-follower.ts";
import { RunReader } from "./read.ts";
import { RunStore } from "./store.ts";
import { deadmanMs, gatherMs, handlerMs, moveRetryMs, timerNames, type RunTimer } from "./timer-names.ts";

const notStarted = {
  ok: false,
  code: "conflict",
  detail: "The run has not started yet. Try again in a moment.",
} as const;

/** Spending is settled between two steps, when no model call can be under way; all other effects at any time. */
const isSpending = (kind: EffectKind): boolean => kind === "spending";
const isNotSpending = (kind: EffectKind): boolean => !isSpending(kind);

/** One run: its event log, its sockets, and the alarm that drives it. Decisions are made in `domain/` and the engine. */
export class LiveRun {
  readonly #ctx: DurableObjectState;
  readonly #deps: RunDeps;
  readonly #store: RunStore;
  readonly #hub: SocketHub;
  readonly #journal: SqliteJournal;
  readonly #packs: BodyPacks;
  readonly #outbox: Outbox;
  readonly #projector: Projector;
  readonly #reader: RunReader;
  readonly #timers: Timers<RunTimer>;
  readonly #access: SocketAccess;
  readonly #pulls: PullFollower;
  #driving = false;
  /** Set when another look was requested while a step was under way. */
  #again = false;
  #gathering = false;
  #abort = new AbortController();

  constructor(state: DurableObjectState, env: Env) {
    this.#ctx = state;
    this.#deps = composeRun(env);
    this.#store = new RunStore(state.storage.sql);
    this.#timers = new Timers(state.storage, timerNames);
    this.#hub = new SocketHub(state, "events", () => this.#access.watch());
    const { engine } = this.#deps;
    this.#packs = new BodyPacks(this.#store.modelCalls, engine.blobs, (work) => state.storage.transactionSync(work));
    const store = this.#store;
    const journal = new SqliteJournal({
      storage: state.storage,
      store,
      hub: this.#hub,
      nowMs: engine.nowMs,
      onCommit: (events) => this.#afterCommit(events),
    });
    this.#journal = journal;
    const projector = new Projector({ store, journal, deps: this.#deps });
    this.#projector = projector;
    this.#outbox = new Outbox({
      store: store.outbox,
      handlers: createEffectHandlers(this.#deps, journal, projector),
      deps: engine,
      runId: () => journal.spec.runId,
    });
    this.#access = new SocketAccess({
      hub: this.#hub,
      accessOf: (sessionIds) => this.#deps.sessionAccess(journal.spec.tenantId, sessionIds),
      isWorking: () => this.#driving,
      nowMs: engine.nowMs,
      plan: (dueMs) => this.#timers.set({ sockets: dueMs }),
      log: (level, message, fields) => engine.log(level, message, { object: state.id.name, ...fields }),
    });
    this.#pulls = new PullFollower({ journal, deps: this.#deps, wake: () => this.#wake() });
    this.#reader = new RunReader({
      store,
      journal,
      packs: this.#packs,
      outbox: this.#outbox,
      projector,
      log: engine.log,
    });
    // An object without a run has no alarm and nothing to resume.
    if (journal.isStarted()) void state.blockConcurrencyWhile(() => this.#takeUp());
  }

  /** Does one command; see RunCommand for each. */
  async command(caller: Caller, command: RunCommand): Promise<CommandResult> {
    if (command.kind === "close_sockets") {
      this.#access.close(command.sessionKey, command.reason);
      return { ok: true };
    }
    if (command.kind === "start") return this.#start(caller, command);
    if (!this.#journal.isStarted()) return notStarted;
    switch (command.kind) {
      case "wake":
        this.#wake();
        return { ok: true };
      case "look_at_pulls":
        return this.#pulls.look();
      case "write_row":
        await this.#projector.writeFirst();
        return { ok: true };
      case "retry_effects":
        return this.#retryEffects(caller);
      default:
        return this.#steer(caller, command);
    }
  }

  /** Answers one query; see RunQuery for each. */
  async read(query: RunQuery): Promise<RunAnswer> {
    return this.#reader.read(query);
  }

  /** The socket's upgrade. The Worker has checked session and origin, and names the start in its own headers. */
  async fetch(request: Request): Promise<Response> {
    const response = this.#access.open(request.headers, (since) => catchUpFrames(this.#store, since));
    if (response.status === 101) this.#ctx.waitUntil(this.#pulls.pageOpened());
    return response;
  }

  async alarm(): Promise<void> {
    const nowMs = Date.now();
    const fired = new Set(this.#timers.fired(nowMs));
    if (fired.has("sockets")) this.#access.closeExpired();
    if (!this.#journal.isStarted()) return;
    // Each timer stays set while it is handled, so that a process that dies finds it again.
    if (fired.has("outbox")) this.#timers.set({ outbox: nowMs + deadmanMs });
    if (fired.has("move_bodies")) this.#timers.set({ move_bodies: nowMs + moveRetryMs });
    // An alarm without a timer was set by a version that had only the one.
    const drives = fired.has("drive") || fired.has("deadman") || fired.size === 0;
    await Promise.all([drives ? this.#drive() : undefined, fired.has("outbox") ? this.#drainAll() : undefined]);
    if (fired.has("move_bodies")) await this.#moveBodies();
  }

  webSocketMessage(socket: WebSocket, message: ArrayBuffer | string): void {
    if (typeof message === "string") this.#hub.take(socket, message);
  }

  webSocketClose(socket: WebSocket, code: number): void {
    endSocket(socket, code);
    this.#access.closeExpired();
  }

  #start(caller: Caller, command: RunCommand & { readonly kind: "start" }): CommandResult {
    const existed = this.#journal.isStarted();
    // Row and audit entry come a moment later with the effects of the first step: the first event does not wait for them.
    if (!existed) this.#journal.commit(firstCommit(caller, command.start));
    if (!existed) this.#access.keepGrant(command.grant);
    this.#wake(existed ? 0 : firstStepAfterMs + (command.workAfterMs ?? 0));
    return existed ? { ok: true, existed } : { ok: true };
  }

  async #steer(caller: Caller, command: SteeringCommand): Promise<CommandResult> {
    const aborts = abortsStep(command.kind, this.#journal.view());
    const result = applyCommand(this.#journal, caller, command, this.#deps.engine.nowMs());
    if (!result.ok) return result;
    if (aborts === true) this.#abort.abort();
    if (aborts === true) this.#abort = new AbortController();
    if (aborts !== undefined) this.#wake();
    await this.#drain(isNotSpending);
    return result;
  }

  async #retryEffects({ actor, requestId, sessionId }: Caller): Promise<CommandResult> {
    const atMs = this.#deps.engine.nowMs();
    this.#ctx.storage.transactionSync(() => {
      const count = this.#store.outbox.unpark();
      if (count === 0) return;
      const data = { actor, sessionId, requestId, atMs, action: "run.effects_retried", data: { count } };
      this.#store.outbox.add(`retry:${requestId}`, { kind: "audit", entity: "run", data }, atMs);
    });
    await this.#drainAll();
    return { ok: true };
  }

  /** Resumes the work of a process that died: steps that waited for its deadman or a later look are due now. */
  async #takeUp(): Promise<void> {
    const alarmMs = await this.#timers.readAlarm();
    const nowMs = Date.now();
    adoptOutbox(this.#store, this.#journal, nowMs);
    const isOlder = alarmMs !== null && this.#timers.isEmpty();
    const hasStep = this.#timers.due("drive") !== undefined || this.#timers.due("deadman") !== undefined;
    if (isOlder || hasStep) this.#timers.set({ drive: nowMs, deadman: null });
    const dueMs = this.#outbox.nextDue();
    if (dueMs !== undefined) this.#timers.set({ outbox: dueMs });
  }

  #wake(afterMs = 0): void {
    this.#again = true;
    if (!this.#driving) this.#timers.set({ drive: Date.now() + afterMs });
  }

  async #drive(): Promise<void> {
    if (this.#driving) {
      this.#again = true;
      return;
    }
    this.#driving = true;
    this.#access.watch();
    const startedAt = Date.now();
    const engine = this.#deps.engineOf(this.#journal);
    let nextAt: number | undefined;
    try {
      for (;;) {
        this.#timers.set({ deadman: Date.now() + deadmanMs, drive: null });
        this.#again = false;
        const outcome = await driveOnce(engine, this.#journal, this.#abort.signal);
        await this.#drain(isSpending);
        // Effects that failed earlier may be due again; the next step does not wait for them. New ones are still being gathered.
        if (!this.#gathering) this.#ctx.waitUntil(this.#drain(isNotSpending));
        const isDue = outcome === "again" || this.#again;
        if (isDue && Date.now() - startedAt < handlerMs) continue;
        nextAt = isDue ? Date.now() : typeof outcome === "object" ? outcome.sleepUntilMs : undefined;
        break;
      }
    } finally {
      this.#driving = false;
      this.#timers.set({ deadman: null, drive: nextAt === undefined ? null : Math.max(nextAt, Date.now()) });
      this.#planOutbox();
    }
  }

  #afterCommit(events: readonly RunEvent[]): void {
    if (this.#outbox.nextDue() !== undefined) {
      this.#planOutbox();
      this.#ctx.waitUntil(this.#drainSoon());
    }
    if (events.some((event) => event.type === "turn.finished")) this.#ctx.waitUntil(this.#moveBodies());
  }

  /** Does the effects in a moment, with those of the commits until then. */
  async #drainSoon(): Promise<void> {
    if (this.#gathering) return;
    this.#gathering = true;
    await new Promise((resolve) => setTimeout(resolve, gatherMs));
    this.#gathering = false;
    await this.#drainAll();
  }

  /** Does all effects that are due. While a step is under way, spending is left to the end of the step. */
  async #drainAll(): Promise<void> {
    await Promise.all([this.#drain(isNotSpending), this.#settle()]);
  }

  async #settle(): Promise<void> {
    if (this.#driving) return;
    this.#driving = true;
    this.#again = false;
    try {
      await this.#outbox.drain(isSpending);
    } finally {
      this.#driving = false;
      if (this.#again) this.#wake();
      this.#planOutbox();
    }
  }

  async #drain(includes: (kind: EffectKind) => boolean): Promise<void> {
    await this.#outbox.drain(includes);
    this.#planOutbox();
  }

  /** Sets the timer of the outbox. While this process does effects itself, the timer only covers its death. */
  #planOutbox(): void {
    const dueMs = this.#outbox.nextDue();
    const soonest = this.#driving || this.#gathering ? Date.now() + deadmanMs : Date.now() + gatherMs;
    this.#timers.set({ outbox: dueMs === undefined ? null : Math.max(dueMs, soonest) });
  }

  /** Moves the bodies of model calls to the blob store. While the store fails they stay here, and the run continues. */
  async #moveBodies(): Promise<void> {
    this.#timers.set({ move_bodies: Date.now() + moveRetryMs });
    try {
      await this.#packs.moveOut(this.#journal.spec);
      this.#timers.set({ move_bodies: null });
    } catch (error) {
      this.#deps.engine.log("warn", "model calls not moved", {
        runId: this.#journal.spec.runId,
        detail: String(error),
      });
    }
  }
}
