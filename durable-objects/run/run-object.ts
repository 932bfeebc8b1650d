import { DurableObject } from "cloudflare:workers";
import type { Approval } from "../../contracts/patch-set.ts";
import type { RunLimits } from "../../contracts/run.ts";
import type { NewRunEvent, RunEvent } from "../../contracts/run-events.ts";
import { composeRun, type Env, type RunDeps } from "../../worker/compose.ts";
import type { CommandResult, PatchSetDecision, RunStart } from "../../worker/ports/run-host.ts";
import {
  answerQuestion,
  cancelRun,
  changeMessage,
  decidePatchSet,
  pauseRun,
  resumeRun,
  sendMessage,
  setLimits,
} from "../../worker/services/run/commands.ts";
import { driveOnce } from "../../worker/services/run/engine/driver.ts";
import { patchContentOf, patchSetsOf } from "../../worker/services/patch-set/read.ts";
import { projectedEvents, projectRun, searchText } from "../../domain/run/projection.ts";
import { modelCallsOf } from "../../worker/services/run/model-calls.ts";
import { redactSecrets } from "../../domain/policy/secrets.ts";
import type { RunFinding } from "../../contracts/operations.ts";
import { eventFrames, SocketHub } from "../socket-hub.ts";
import { checkRunRow } from "./check-projection.ts";
import { SqliteJournal } from "./journal.ts";
import { RunStore } from "./store.ts";

/** Fires when a step neither finished nor failed: the process died, and the run goes on from its journal. */
const deadmanMs = 30_000;
/** The platform ends an alarm handler after 15 minutes; the run goes on in the next one well before. */
const handlerMs = 10 * 60_000;
const projectionRetryMs = 5_000;

const notStarted = {
  ok: false,
  code: "conflict",
  detail: "The run has not started yet. Try again in a moment.",
} as const;

/** One run: its event log, its sockets, and the alarm that drives it. Decisions are made in `domain/` and the engine. */
export class RunObject extends DurableObject<Env> {
  readonly #deps: RunDeps;
  readonly #store: RunStore;
  readonly #hub: SocketHub;
  readonly #journal: SqliteJournal;
  #driving = false;
  /** Set when somebody asked to look again while a step was under way. */
  #again = false;
  #abort = new AbortController();
  #projecting: Promise<void> | undefined;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#deps = composeRun(env);
    this.#store = new RunStore(state.storage.sql);
    this.#hub = new SocketHub(state);
    this.#journal = new SqliteJournal({
      storage: state.storage,
      store: this.#store,
      hub: this.#hub,
      nowMs: this.#deps.engine.nowMs,
      onCommit: (events) => this.#afterCommit(events),
    });
    void state.blockConcurrencyWhile(() => this.#takeUp());
  }

  /** Begins the run, once: a second call only wakes it. */
  async start(start: RunStart): Promise<void> {
    if (!this.#journal.isStarted()) {
      const limits: readonly NewRunEvent[] =
        start.limits.costMicros === null && start.limits.wallTimeMs === null
          ? []
          : [{ type: "limits.set", data: { ...start.limits, by: start.created.startedBy } }];
      this.#journal.commit({
        events: [{ type: "run.created", data: start.created }, ...limits],
        facts: { spec: JSON.stringify(start.spec) },
      });
    }
    await this.#wakeNow();
  }

  /** Looks for the next step. False when the run was never started here. */
  async wake(): Promise<boolean> {
    if (!this.#journal.isStarted()) return false;
    await this.#wakeNow();
    return true;
  }

  async cancel(by: Approval["by"]): Promise<CommandResult> {
    return this.#command(() => cancelRun(this.#journal, by));
  }

  async resume(by: Approval["by"]): Promise<CommandResult> {
    return this.#command(() => resumeRun(this.#journal, by));
  }

  async pause(by: Approval["by"]): Promise<CommandResult> {
    return this.#command(() => pauseRun(this.#journal, by));
  }

  async answer(by: Approval["by"], answer: string): Promise<CommandResult> {
    return this.#command(() => answerQuestion(this.#journal, by, answer));
  }

  /** Messages and limits don't end the step that is under way: they count from the next one. */
  async sendMessage(by: Approval["by"], messageId: string, text: string): Promise<CommandResult> {
    return this.#note(() => sendMessage(this.#journal, by, messageId, text));
  }

  async changeMessage(by: Approval["by"], messageId: string, text: string | null): Promise<CommandResult> {
    return this.#note(() => changeMessage(this.#journal, by, messageId, text));
  }

  async setLimits(by: Approval["by"], limits: RunLimits): Promise<CommandResult> {
    return this.#note(() => setLimits(this.#journal, by, limits));
  }

  async decide(decision: PatchSetDecision): Promise<CommandResult> {
    return this.#command(() => decidePatchSet(this.#journal, decision, this.#deps.engine.nowMs()));
  }

  eventsJson(since: number, limit: number): string {
    return `{"items":[${this.#store.eventTexts(since, limit).join(",")}],"headSeq":${this.#store.headSeq()}}`;
  }

  patchSetsJson(): string {
    return JSON.stringify({ items: patchSetsOf(this.#store.events()) });
  }

  patchContentJson(hash: string, path: string): string | null {
    const change = this.#journal.patchSetChanges(hash)?.find((candidate) => candidate.path === path);
    if (change === undefined) return null;
    return JSON.stringify(
      patchContentOf(change, change.beforeBlob === undefined ? undefined : this.#journal.baseBlob(change.beforeBlob)),
    );
  }

  ledgerJson(): string {
    const head = this.#store.lastLedgerEntry()?.hash ?? "0".repeat(64);
    const runId = this.#journal.isStarted() ? this.#journal.spec.runId : "";
    return `{"format":"assembly-lime-ledger/1","runId":${JSON.stringify(runId)},"entries":[${this.#store.ledgerTexts().join(",")}],"head":"${head}"}`;
  }

  /** Compares events, view, ledger and row; with `write` a row that differs or is behind is written. */
  async checkProjection(write: boolean): Promise<RunFinding | undefined> {
    if (!this.#journal.isStarted()) return undefined;
    while (this.#projecting !== undefined) await this.#projecting;
    const { runId, tenantId } = this.#journal.spec;
    const work = async (): Promise<RunFinding> => {
      const present = await this.#deps.findRow(tenantId, Number(runId));
      const { finding, row } = checkRunRow(this.#journal, this.#store, present);
      const written = write && row !== undefined && (finding.columns.length > 0 || finding.behind > 0);
      if (written) await this.#deps.rewriteRow(tenantId, Number(runId), row);
      return { ...finding, written };
    };
    const done = Promise.withResolvers<undefined>();
    this.#projecting = done.promise;
    try {
      return await work();
    } finally {
      this.#projecting = undefined;
      done.resolve(undefined);
    }
  }

  modelCallsJson(): string {
    return JSON.stringify({ items: modelCallsOf(this.#store.modelCalls(), this.#store.events()) });
  }

  modelCallJson(callId: string): string | null {
    const call = modelCallsOf(this.#store.modelCalls(), this.#store.events()).find(
      (candidate) => candidate.callId === callId,
    );
    const bodies = this.#store.modelCallBodies(callId);
    if (call === undefined || bodies === undefined) return null;
    return redactSecrets(`{"call":${JSON.stringify(call)},"request":${bodies.request},"answer":${bodies.answer}}`);
  }

  /** The socket's upgrade. The Worker has checked session and origin, and says where to start in its own headers. */
  override async fetch(request: Request): Promise<Response> {
    const since = Number(request.headers.get("x-run-since") ?? "0");
    const session = request.headers.get("x-run-session") ?? "";
    const store = this.#store;
    return this.#hub.accept([`session:${session}`.slice(0, 256)], catchUp());

    function* catchUp(): Generator<string> {
      const page = 2_000;
      for (let from = since; ;) {
        const texts = store.eventTexts(from, page);
        yield* eventFrames(texts);
        if (texts.length < page) break;
        from += page;
      }
      yield `{"t":"live","headSeq":${store.headSeq()}}`;
    }
  }

  override async alarm(): Promise<void> {
    if (!this.#journal.isStarted()) return;
    await this.#drive();
    await this.#project();
  }

  override webSocketMessage(): void {
    // Browsers say nothing but `ping`, which the platform answers.
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    socket.close(code === 1006 ? 1000 : code);
  }

  #note(run: () => CommandResult): CommandResult {
    return this.#journal.isStarted() ? run() : notStarted;
  }

  async #command(run: () => CommandResult): Promise<CommandResult> {
    if (!this.#journal.isStarted()) return notStarted;
    const result = run();
    if (result.ok) {
      // Whatever step is under way belongs to the state that was: it is ended, and its result will not be taken.
      this.#abort.abort();
      this.#abort = new AbortController();
      await this.#wakeNow();
      await this.#project();
    }
    return result;
  }

  /** In a new process nothing is under way: what a dead one left to its deadman, or to a later look, is looked at now. */
  async #takeUp(): Promise<void> {
    const alarm = await this.ctx.storage.getAlarm();
    if (alarm !== null && alarm > Date.now()) await this.ctx.storage.setAlarm(Date.now());
  }

  async #wakeNow(): Promise<void> {
    this.#again = true;
    if (!this.#driving) await this.ctx.storage.setAlarm(Date.now());
  }

  async #drive(): Promise<void> {
    if (this.#driving) return;
    this.#driving = true;
    const startedAt = Date.now();
    let nextAt: number | undefined;
    try {
      for (;;) {
        await this.ctx.storage.setAlarm(Date.now() + deadmanMs);
        this.#again = false;
        const outcome = await driveOnce(this.#deps.engine, this.#journal, this.#abort.signal);
        if (outcome === "again" || this.#again) {
          if (Date.now() - startedAt < handlerMs) continue;
          nextAt = Date.now();
        } else if (outcome !== "idle") nextAt = outcome.sleepUntilMs;
        break;
      }
    } finally {
      this.#driving = false;
      if (nextAt === undefined) await this.ctx.storage.deleteAlarm();
      else await this.ctx.storage.setAlarm(Math.max(nextAt, Date.now()));
    }
  }

  #afterCommit(events: readonly RunEvent[]): void {
    if (events.some((event) => projectedEvents.has(event.type))) this.ctx.waitUntil(this.#project());
  }

  /** Brings the read model up to the log's head; one write at a time, the newest state wins. */
  async #project(): Promise<void> {
    while (this.#projecting !== undefined) await this.#projecting;
    const headSeq = this.#store.headSeq();
    if (!this.#journal.isStarted() || Number(this.#journal.fact("projected_seq") ?? "0") >= headSeq) return;
    this.#projecting = this.#writeProjection(headSeq);
    try {
      await this.#projecting;
    } finally {
      this.#projecting = undefined;
    }
  }

  async #writeProjection(headSeq: number): Promise<void> {
    const { runId, tenantId } = this.#journal.spec;
    try {
      await this.#deps.projectRun(
        tenantId,
        Number(runId),
        projectRun(this.#journal.view(), headSeq, this.#store.headAtMs(), searchText(this.#store.events())),
      );
      this.#journal.commit({ events: [], facts: { projected_seq: String(headSeq) } });
    } catch (error) {
      this.#deps.engine.log("warn", "projection failed", { runId, detail: String(error) });
      const alarm = await this.ctx.storage.getAlarm();
      if (alarm === null) await this.ctx.storage.setAlarm(Date.now() + projectionRetryMs);
    }
  }
}
