import type { RunState } from "../../contracts/run-names.ts";
import type { CommandResult } from "../../worker/ports/run-host.ts";
import {
  answerQuestion,
  cancelRun,
  changeMessage,
  pauseRun,
  resumeRun,
  sendMessage,
  setLimits,
} from "../person-commands.ts";
import { ada } from "../fakes/run-start.ts";
import type { FakeBudget } from "./fake-budget.ts";
import type { EventOracle } from "./event-oracle.ts";
import { drawnLimits, isHeldBack } from "./limits.ts";
import { plannedRevision } from "./plan-commands.ts";
import { plannedChoice, plannedDecision, plannedOrder, type Planned } from "./lane-commands.ts";
import { hasEnded, makesPatchSets } from "./lawful-moves.ts";
import type { Disk, MemoryJournal } from "./memory-journal.ts";
import { must } from "./violation.ts";
import type { World } from "./world.ts";

const noLimits = { costMicros: null, wallTimeMs: null, stageTurns: null, stageWallTimeMs: null };
const kinds = [
  "message",
  "approve",
  "resume",
  "pause",
  "answer",
  "limits",
  "edit",
  "remove",
  "request changes",
  "wrong hash",
  "wrong base",
  "approve twice",
  "revise plan",
  "revise an older plan",
  "reject",
  "flood of messages",
  "cancel",
] as const;
export type CommandKind = (typeof kinds)[number];
/** Whether an agent reads what is sent to it in this state: before its work is proposed, or when the run goes on after a person. */
const isRead = (state: RunState): boolean =>
  !hasEnded(state) && !["WAITING_APPROVAL", "BLOCKED_POLICY", "APPLYING", "PR_OPEN", "VERIFYING_CI"].includes(state);

/** Commands that only a run over several repositories takes; each is as likely as a message. */
const laneKinds = ["choose repositories", "order lanes"] as const;
type LaneKind = (typeof laneKinds)[number];

interface Scene {
  readonly world: World;
  readonly oracle: EventOracle;
  readonly disk: Disk;
  readonly budget: FakeBudget;
  readonly journal: () => MemoryJournal;
}

/** Everybody who may command the run. Every answer is checked: a yes has its event, a no leaves nothing but a record, and what must be possible is. */
export class Person {
  readonly #scene: Scene;
  #nextMessage = 1;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Does anything, sensible or not. */
  meddle(): void {
    const { oracle, world } = this.#scene;
    const { chance } = world;
    if (oracle.lanes.hasSeveral && chance.happens(0.3)) return this.act(chance.pick(laneKinds));
    this.act(
      chance.weighted(
        kinds.map(
          (kind) =>
            [
              kind,
              kind === "message" || kind === "pause" || kind === "resume"
                ? 4
                : kind === "cancel" || kind === "reject"
                  ? oracle.state === "APPLYING"
                    ? 4
                    : 0.4
                  : 1,
            ] as const,
        ) as [readonly [CommandKind, number], ...(readonly [CommandKind, number])[]],
      ),
    );
  }

  /** Stops the run: mostly by a cancel, else by a pause. */
  stop(): void {
    const { chance } = this.#scene.world;
    if (chance.happens(0.4)) this.act("pause");
    if (chance.happens(0.6)) this.act("cancel");
  }

  /** Does what brings a waiting run on. Mostly yes, when `isKind` always. */
  help(isKind: boolean): void {
    const { oracle, world } = this.#scene;
    const view = this.#scene.journal().view();
    if (oracle.paused) return this.act("resume");
    if (oracle.state === "BLOCKED_POLICY") {
      if (!isKind && this.#meddlesWithLanes()) return;
      if (isKind) return this.#decideKindly("reject");
      return this.act(world.chance.pick(["request changes", "reject", "approve"]));
    }
    if (oracle.state === "WAITING_APPROVAL") {
      if (isKind) return this.#decideKindly("approve");
      if (this.#meddlesWithLanes()) return;
      return this.act(
        world.chance.weighted([
          ["approve", 12],
          ["approve twice", 4],
          ["request changes", 4],
          ["wrong hash", 1],
          ["wrong base", 1],
          ["revise plan", makesPatchSets(oracle.mode) ? 0 : 6],
          ["revise an older plan", makesPatchSets(oracle.mode) ? 0 : 2],
          ["reject", oracle.lanes.start.delivery === "lane_by_lane" ? 6 : 1],
        ]),
      );
    }
    if (oracle.question !== undefined && oracle.question.answer === undefined) return this.act("answer");
    if (!isKind && oracle.returnTo === "APPLYING" && oracle.lanes.hasSeveral) this.act("choose repositories");
    if (oracle.lanes.cycle.length > 0 && (isKind || world.chance.happens(0.8))) this.act("order lanes");
    else if (!isKind && oracle.lanes.hasSeveral && world.chance.happens(0.2)) this.act(world.chance.pick(laneKinds));
    if (isKind && oracle.returnTo === "PATCHES_PROPOSED" && makesPatchSets(oracle.mode)) this.#bringAllBack();
    if (view.limits.costMicros !== null || view.limits.wallTimeMs !== null) this.act("lift limits");
    if (isKind || (world.hasMoney && world.chance.happens(0.6))) this.#scene.budget.lift();
    this.act("resume");
  }

  /** One command, its answer checked. */
  act(kind: CommandKind | LaneKind | "lift limits"): void {
    this.#scene.world.command(() => this.#act(kind));
  }

  #act(kind: CommandKind | LaneKind | "lift limits"): void {
    const { oracle, world } = this.#scene;
    const journal = this.#scene.journal();
    const { paused, state } = oracle;
    const open = !hasEnded(state);
    switch (kind) {
      case "cancel":
        return this.#check(
          kind,
          true,
          open && !oracle.isCancelling,
          () => cancelRun(journal, ada),
          () => oracle.state === "CANCELLED" || oracle.isCancelling,
        );
      case "pause":
        return this.#check(
          kind,
          true,
          open && !paused,
          () => pauseRun(journal, ada),
          () => oracle.paused,
        );
      case "resume": {
        const asks = oracle.question !== undefined && oracle.question.answer === undefined;
        const may =
          open && !oracle.isCancelling && (paused || (state === "NEEDS_HUMAN" && !asks && !isHeldBack(this.#scene)));
        return this.#check(
          kind,
          true,
          may,
          () => resumeRun(journal, ada, world.nowMs),
          () => !oracle.paused && (paused || oracle.state !== "NEEDS_HUMAN"),
        );
      }
      case "answer": {
        const may = state === "NEEDS_HUMAN" && oracle.question !== undefined && oracle.question.answer === undefined;
        const text = `answer ${world.chance.int(1000)}`;
        return this.#check(
          kind,
          true,
          may,
          () => answerQuestion(journal, ada, text),
          () => oracle.state !== "NEEDS_HUMAN" && oracle.question?.answer === text,
        );
      }
      case "message":
        return this.#message();
      case "flood of messages":
        for (let count = 0; count < 12; count += 1) this.#message();
        return;
      case "edit":
      case "remove": {
        const id = [...oracle.queue][world.chance.int(Math.max(1, oracle.queue.size))] ?? "message-0";
        const text = kind === "edit" ? `<edited ${id}>` : null;
        return this.#check(
          kind,
          false,
          open && oracle.queue.has(id),
          () => changeMessage(journal, ada, id, text),
          () => (kind === "edit") === oracle.queue.has(id),
        );
      }
      case "limits":
      case "lift limits": {
        const limits = kind === "lift limits" ? noLimits : drawnLimits(this.#scene.world);
        return this.#check(
          kind,
          false,
          open,
          () => setLimits(journal, ada, limits),
          () => journal.view().limits.costMicros === (limits.costMicros ?? null),
        );
      }
      case "approve":
        return this.#give(plannedDecision(this.#scene, "approve"));
      case "approve twice": {
        const { lanes } = oracle;
        const lane = lanes.proposed.find(({ approval }) => approval === undefined);
        this.#give(plannedDecision(this.#scene, "approve", {}, lane));
        return this.#give(plannedDecision(this.#scene, "approve", {}, lane));
      }
      case "request changes":
        return this.#give(plannedDecision(this.#scene, "request_changes"));
      case "reject":
        return this.#give(plannedDecision(this.#scene, "reject"));
      case "wrong hash":
        return this.#give(plannedDecision(this.#scene, "approve", { hash: "f".repeat(64) }));
      case "wrong base":
        return this.#give(plannedDecision(this.#scene, "approve", { baseCommit: "b".repeat(40) }));
      case "revise plan":
        return this.#give(plannedRevision(this.#scene, false));
      case "revise an older plan":
        return this.#give(plannedRevision(this.#scene, true));
      case "choose repositories":
        return this.#give(plannedChoice(this.#scene));
      case "order lanes":
        return this.#give(plannedOrder(this.#scene));
    }
  }

  /** Decides on what waits; what policy blocks is left out first. */
  #decideKindly(decision: "approve" | "reject"): void {
    const waiting = this.#scene.oracle.lanes.proposed.filter(({ approval }) => approval === undefined);
    const lane = waiting.find(({ isBlocked }) => isBlocked) ?? waiting[0];
    this.#scene.world.command(() => this.#give(plannedDecision(this.#scene, decision, {}, lane)));
  }

  /** Sometimes changes or orders the lanes, where there are several. */
  #meddlesWithLanes(): boolean {
    const { oracle, world } = this.#scene;
    if (!oracle.lanes.hasSeveral || !world.chance.happens(0.2)) return false;
    this.act(world.chance.pick(laneKinds));
    return true;
  }

  /** Chooses all repositories again when no work is left to propose; cancels the run when all are chosen already. */
  #bringAllBack(): void {
    const { lanes } = this.#scene.oracle;
    if (lanes.chosen.length === lanes.lanes.length) return this.act("cancel");
    this.#scene.world.command(() =>
      this.#give(
        plannedChoice(
          this.#scene,
          lanes.lanes.map(({ id }) => id),
        ),
      ),
    );
  }

  #give({ came, ends, may, name, run }: Planned): void {
    this.#check(name, ends, may, run, came);
  }

  #message(): void {
    const { oracle } = this.#scene;
    const id = `message-${this.#nextMessage}`;
    this.#nextMessage += 1;
    const may = isRead(oracle.state) && oracle.queue.size < 10;
    this.#check(
      "message",
      false,
      may,
      () => sendMessage(this.#scene.journal(), ada, id, `<${id}>`),
      () => oracle.queue.has(id),
    );
  }

  #check(name: string, ends: boolean, may: boolean, run: () => CommandResult, came: () => boolean): void {
    const { disk, oracle, world } = this.#scene;
    const before = disk.events.length;
    const { state } = oracle;
    world.say(() => `  > a person: ${name} in ${state}${oracle.paused ? ", paused" : ""}`);
    const result = run();
    world.coverage.see("command", `${name} ${result.ok ? "done" : "refused"}`);
    must(
      result.ok === may,
      "commands-answer-rightly",
      () => `${name} in ${state}: ${JSON.stringify(result)}, expected ${may ? "yes" : "no"}`,
    );
    if (result.ok)
      must(
        disk.events.length > before && came(),
        "a-yes-is-stored",
        () =>
          `${name} in ${state} left ${
            disk.events
              .slice(before)
              .map(({ type }) => type)
              .join(", ") || "nothing"
          }`,
      );
    else
      must(
        disk.events.slice(before).every((event) => event.type === "run.event_refused"),
        "a-no-changes-nothing",
        () => `${name} in ${state}`,
      );
    if (!result.ok || !ends) return;
    // As the run's object does: the step under way belongs to the state that was.
    world.process.abort.abort();
    world.process.abort = new AbortController();
  }
}
