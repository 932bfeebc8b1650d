import { DurableObject } from "cloudflare:workers";
import type { Approval } from "../../contracts/patch-set.ts";
import type { ModelCall, RunLimits } from "../../contracts/run.ts";
import { socketClose, type NewRunEvent, type RunEvent } from "../../contracts/run-events.ts";
import { composeRun, type Env, type RunDeps } from "../../worker/compose.ts";
import type { CommandResult, ModelCallJson, PatchSetDecision, RunStart } from "../../worker/ports/run-host.ts";
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
import { reviewedFiles } from "../../worker/services/run/engine/reviewed-pull.ts";
import { driveOnce } from "../../worker/services/run/engine/driver.ts";
import { patchContentOf, patchSetEvents, patchSetsOf, shownPullFiles } from "../../worker/services/patch-set/read.ts";
import { projectedEvents } from "../../domain/run/projection.ts";
import { modelCallEvents, modelCallsOf } from "../../worker/services/run/model-calls.ts";
import type { RunFinding } from "../../contracts/operations.ts";
import { eventFrames, SocketHub } from "../socket-hub.ts";
import { BodyPacks, callJson } from "./body-packs.ts";
import { SqliteJournal } from "./journal.ts";
import { Projector } from "./projector.ts";
import { RunStore } from "./store.ts";

/** Fires when a step neither finished nor failed: the process died, and the run goes on from its journal. */
const deadmanMs = 30_000;
/** The platform ends an alarm handler after 15 minutes; the run goes on in the next one well before. */
const handlerMs = 10 * 60_000;
const projectionRetryMs = 5_000;
const moveRetryMs = 60_000;

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
  readonly #packs: BodyPacks;
  readonly #projector: Projector;
  #driving = false;
  /** Set when somebody asked to look again while a step was under way. */
  #again = false;
  #abort = new AbortController();

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#deps = composeRun(env);
    this.#store = new RunStore(state.storage.sql);
    this.#hub = new SocketHub(state);
    this.#packs = new BodyPacks(this.#store.modelCalls, this.#deps.engine.blobs, (work) =>
      state.storage.transactionSync(work),
    );
    this.#journal = new SqliteJournal({
      storage: state.storage,
      store: this.#store,
      hub: this.#hub,
      nowMs: this.#deps.engine.nowMs,
      onCommit: (events) => this.#afterCommit(events),
    });
    this.#projector = new Projector({
      store: this.#store,
      journal: this.#journal,
      deps: this.#deps,
      retry: () => this.#wakeWithin(projectionRetryMs),
    });
    void state.blockConcurrencyWhile(() => this.#takeUp());
  }

  /** Begins the run, once: a second call only wakes it. */
  async start(start: RunStart): Promise<void> {
    if (!this.#journal.isStarted()) {
      const limits: readonly NewRunEvent[] = Object.values(start.limits).every((limit) => limit === null)
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
    return this.#command(() => resumeRun(this.#journal, by, this.#deps.engine.nowMs()));
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
    return JSON.stringify({ items: patchSetsOf(this.#store.eventsOf(patchSetEvents)) });
  }

  patchContentJson(hash: string, path: string): string | null {
    const change = this.#journal.patchSetChanges(hash)?.find((candidate) => candidate.path === path);
    if (change === undefined) return null;
    return JSON.stringify(
      patchContentOf(change, change.beforeBlob === undefined ? undefined : this.#journal.baseBlob(change.beforeBlob)),
    );
  }

  pullFilesJson(): string {
    const commit = this.#journal.view().reviewed?.commit ?? null;
    return JSON.stringify({ commit, items: shownPullFiles(reviewedFiles(this.#journal)) });
  }

  ledgerJson(): string {
    const head = this.#store.lastLedgerEntry()?.hash ?? "0".repeat(64);
    const runId = this.#journal.isStarted() ? this.#journal.spec.runId : "";
    return `{"format":"assembly-lime-ledger/1","runId":${JSON.stringify(runId)},"entries":[${this.#store.ledgerTexts().join(",")}],"head":"${head}"}`;
  }

  /** See Projector.check. */
  async checkProjection(write: boolean): Promise<RunFinding | undefined> {
    return this.#projector.check(write);
  }

  modelCallsJson(): string {
    return JSON.stringify({ items: this.#modelCalls() });
  }

  async modelCallJson(callId: string): Promise<ModelCallJson> {
    const call = this.#modelCalls().find((candidate) => candidate.callId === callId);
    return call === undefined ? null : callJson(this.#packs, this.#journal.spec, call, this.#deps.engine.log);
  }

  /** The socket's upgrade. The Worker has checked session and origin, and says where to start in its own headers. */
  override async fetch(request: Request): Promise<Response> {
    const since = Number(request.headers.get("x-run-since") ?? "0");
    const session = request.headers.get("x-run-session") ?? "";
    const store = this.#store;
    return this.#hub.accept([sessionTag(session)], catchUp());

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

  /** Closes the sockets of a session that was signed out. */
  closeSockets(sessionKey: string): void {
    this.#hub.close(sessionTag(sessionKey), socketClose.signedOut, "signed out");
  }

  override async alarm(): Promise<void> {
    if (!this.#journal.isStarted()) return;
    await this.#drive();
    await this.#projector.now();
    await this.#moveBodies();
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
      await this.#projector.now();
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
    if (events.some((event) => projectedEvents.has(event.type))) this.ctx.waitUntil(this.#projector.soon());
    if (events.some((event) => event.type === "turn.finished")) this.ctx.waitUntil(this.#moveBodies());
  }

  #modelCalls(): readonly ModelCall[] {
    return modelCallsOf(
      this.#store.modelCalls.list(),
      this.#store.eventsOf(modelCallEvents, { blank: ["text", "thinking"] }),
    );
  }

  /** What model calls hold stays here as long as the blob store does not take it; the run goes on all the same. */
  async #moveBodies(): Promise<void> {
    try {
      await this.#packs.moveOut(this.#journal.spec);
    } catch (error) {
      this.#deps.engine.log("warn", "model calls not moved", {
        runId: this.#journal.spec.runId,
        detail: String(error),
      });
      await this.#wakeWithin(moveRetryMs);
    }
  }

  async #wakeWithin(ms: number): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + ms);
  }
}

/** Names a session's sockets; a tag has at most 256 characters. */
function sessionTag(session: string): string {
  return `session:${session}`.slice(0, 256);
}
