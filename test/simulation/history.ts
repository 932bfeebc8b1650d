import type { RunMode } from "../../contracts/run.ts";
import { costMicros } from "../../domain/budget/cost.ts";
import { nextStep } from "../../domain/run/next.ts";
import { sandboxLimits } from "../../domain/sandbox/settings.ts";
import type { EngineDeps, StepOutcome } from "../../worker/services/run/engine/deps.ts";
import { stepAndSettle } from "../step-and-settle.ts";
import type { Chance } from "./chance.ts";
import type { Coverage } from "./coverage.ts";
import { EventOracle } from "./event-oracle.ts";
import { checkEnd, checkSettled, checkStep } from "./end-checks.ts";
import { FakeBudget } from "./fake-budget.ts";
import { FakeForge } from "./fake-forge.ts";
import { FakeModel } from "./fake-model.ts";
import { FakeSandbox } from "./fake-sandbox.ts";
import { LaneOracle } from "./lane-oracle.ts";
import { hasEnded } from "./lawful-moves.ts";
import { Disk, MemoryJournal } from "./memory-journal.ts";
import { Person } from "./person.ts";
import { createdEvent, drawStartOfThree, specOf, startOfOne, type RunStart } from "./run-start.ts";
import type { Site } from "./site.ts";
import { firstViolation, must, Violation, watchViolations } from "./violation.ts";
import { MemoryBlobs } from "../fakes/memory-blobs.ts";
import { drawTroubles, World } from "./world.ts";

/** Steps after which a run without commands or faults must end or wait. */
const quietSteps = 400;
const waiting = new Set(["WAITING_APPROVAL", "BLOCKED_POLICY", "NEEDS_HUMAN"]);

/** One run's life from its start to its end, with all that a seed does to it. */
export class History {
  readonly start: RunStart;
  readonly world: World;
  readonly oracle: EventOracle;
  readonly disk: Disk;
  readonly sandbox: FakeSandbox;
  readonly forge: FakeForge;
  readonly budget: FakeBudget;
  readonly model: FakeModel;
  crashes = 0;
  /** Model calls whose result a person's command made void. */
  steps = 0;
  readonly #person: Person;
  readonly #coverage: Coverage;
  #journal: MemoryJournal;
  #deps: EngineDeps;

  constructor(chance: Chance, coverage: Coverage, keepsTrace: boolean) {
    this.#coverage = coverage;
    this.world = new World(chance, coverage, keepsTrace);
    this.disk = new Disk(chance.happens(0.06) || keepsTrace);
    this.budget = new FakeBudget(this.world);
    this.start = drawStart(chance);
    coverage.see("mode", this.start.repositories.length === 1 ? this.start.mode : `${this.start.mode} of 3`);
    const lanes = new LaneOracle(this.start, (id) => this.disk.work.get(id) ?? [], coverage);
    this.oracle = new EventOracle(coverage, lanes);
    this.sandbox = new FakeSandbox(this.world, this.start);
    this.forge = new FakeForge(this.world, this.oracle, this.start);
    this.model = new FakeModel(this.world, this.oracle, this.budget);
    this.#person = new Person({
      world: this.world,
      oracle: this.oracle,
      disk: this.disk,
      budget: this.budget,
      journal: () => this.#journal,
    });
    this.sandbox.expectedSeed = () => this.#journal.view().reviewed?.commit;
    this.sandbox.expectedFolders = () => this.oracle.lanes.chosen.map(({ folder }) => folder);
    this.world.onPerson = () => this.#person.meddle();
    this.world.onStop = () => this.#person.stop();
    [this.#journal, this.#deps] = this.#boot();
  }

  /** Lives the whole life. Throws a Violation when an invariant breaks. */
  async live(): Promise<void> {
    watchViolations();
    const { chance } = this.world;
    this.#draw();
    this.world.command(() => this.#journal.commit({ events: [createdEvent(this.start)] }));
    if (chance.happens(0.12)) this.#person.act("limits");
    await this.#disturbed(2 + chance.int(26));
    this.world.calmDown();
    this.forge.calmDown();
    this.model.agent.habit = "none";
    this.model.isStormy = false;
    this.model.agent.isSound = true;
    this.budget.calmDown();
    await this.#quiet();
    if (chance.happens(this.oracle.lanes.hasSeveral ? 0.7 : 0.2)) await this.#helped();
    checkEnd(this, this.#journal);
  }

  #draw(): void {
    const { chance } = this.world;
    this.world.troubles = drawTroubles(chance);
    type Looks = Site["ci"];
    const failed = { status: "completed", conclusion: "failure" } as const;
    const red: Looks = Array.from({ length: 9 }, () => failed);
    const green: Looks = [{ status: "completed", conclusion: "success" }];
    const begun: Looks = [
      { status: "queued", conclusion: null },
      { status: "in_progress", conclusion: null },
    ];
    for (const site of this.forge.sites)
      site.ci = chance.weighted<Looks>([
        [green, 40],
        [[], 20],
        [[...begun, ...green], 20],
        [[failed, ...green], 17],
        // Red until a person had a hand in it.
        [[...red, ...green], 3],
      ]);
    this.model.agent.habit = chance.weighted([
      ["none", 990],
      ["reads on", 3],
      ["says nothing", 5],
    ]);
    this.model.isStormy = chance.happens(0.006);
  }

  /** The part in which everything may happen. */
  async #disturbed(steps: number): Promise<void> {
    const { chance } = this.world;
    const limit = this.model.agent.habit === "reads on" ? 140 : this.model.isStormy ? 45 : steps;
    for (let count = 0; count < limit && !hasEnded(this.oracle.state); count += 1) {
      const outcome = await this.#step();
      if (outcome === "idle" && !hasEnded(this.oracle.state)) {
        if (chance.happens(0.85)) this.#person.help(false);
        else this.#person.meddle();
      } else if (this.world.troubles.command > 0 && chance.happens(this.world.troubles.command)) this.#person.meddle();
    }
    if (chance.happens(0.01)) {
      this.#person.act("pause");
      this.#person.act("cancel");
    }
    // Commands after the end must not change the run.
    if (!hasEnded(this.oracle.state) || !chance.happens(0.3)) return;
    if (this.oracle.paused) this.#person.act("resume");
    for (let count = 0; count < 3; count += 1) this.#person.meddle();
  }

  /** Steps without commands or faults: the run must end or wait for a person. */
  async #quiet(): Promise<void> {
    for (let count = 0; count < quietSteps; count += 1) {
      if ((await this.#step()) !== "idle") continue;
      const { paused, state } = this.oracle;
      must(hasEnded(state) || waiting.has(state) || paused, "rests-only-waiting-or-ended", () => `idle in ${state}`);
      return;
    }
    throw new Violation("comes-to-rest", `${quietSteps} steps and still in ${this.oracle.state}`);
  }

  /** People who want the run to end: it must. */
  async #helped(): Promise<void> {
    // Lanes are decided one by one, and most of their decisions come only here: people look twice first.
    const others = this.oracle.lanes.hasSeveral ? this.world.chance.int(9) : 0;
    for (let times = 0; times < 40 + others; times += 1) {
      if (hasEnded(this.oracle.state)) return;
      this.#person.help(times >= others);
      await this.#quiet();
    }
    throw new Violation("people-can-end-it", `still in ${this.oracle.state}`);
  }

  async #step(): Promise<StepOutcome | "idle"> {
    const { oracle, world } = this;
    this.steps += 1;
    oracle.stepState = oracle.state;
    const step = nextStep(this.#journal.view(), world.nowMs);
    this.#coverage.see("step", step.kind);
    world.say(
      () => `${this.disk.events.length} ${oracle.state}: ${step.kind}${"call" in step ? ` ${step.call.name}` : ""}`,
    );
    const outcome = await this.#drive();
    const violation = firstViolation();
    if (violation !== undefined) throw violation;
    if (outcome === "crashed") {
      this.crashes += 1;
      [this.#journal, this.#deps] = this.#boot();
      return "again";
    }
    checkStep(this, this.#journal);
    if (outcome === "idle") checkSettled(this);
    if (typeof outcome === "object") world.nowMs = Math.max(world.nowMs, outcome.sleepUntilMs);
    return outcome;
  }

  async #drive(): Promise<StepOutcome | "idle" | "crashed"> {
    return new Promise((resolve, reject) => {
      this.world.onCrash = () => resolve("crashed");
      const { signal } = this.world.process.abort;
      stepAndSettle(this.#deps, this.#journal, signal, () => this.disk.spendingDue()).then(resolve, reject);
    });
  }

  /** A new process over the same disk: nothing of the old one's memory is left. */
  #boot(): [MemoryJournal, EngineDeps] {
    const { budget, forge, model, sandbox, world } = this;
    const process = { alive: true, abort: new AbortController() };
    world.process = process;
    const journal = new MemoryJournal(specOf(this.start), this.disk, {
      nowMs: () => world.nowMs,
      beforeCommit: () => world.commitMoment(process, "before a commit"),
      afterCommit: () => world.commitMoment(process, "after a commit"),
      onEvent: (event, write) => {
        world.say(() => `    ${event.seq} ${event.type} ${JSON.stringify(event.data).slice(0, 160)}`);
        this.oracle.take(event, write);
        if (event.type === "tool.finished") this.#remember(event.data.callId, event.data.outcome);
      },
    });
    const port = model.port(process, journal);
    const sandboxPort = sandbox.port(process);
    const deps: EngineDeps = {
      llm: async () => port,
      sandboxFor: ({ size }) => ({ port: sandboxPort, limits: sandboxLimits[size] }),
      forge: forge.reader(process),
      writeGate: forge.gate(process),
      noreplyEmail: async (userId) => `${userId}+person@users.noreply.github.com`,
      // No run of a history has images.
      blobs: new MemoryBlobs(),
      nowMs: () => world.nowMs,
      random: () => world.chance.int(1000) / 1000,
      budget: budget.port(process),
      costMicros,
      createTickets: async (plan) =>
        forge.createTickets(
          process,
          plan.source,
          plan.tasks.map(({ title }) => title),
        ),
      log: (level, message, fields) => {
        world.say(() => `  ${level}: ${message} ${JSON.stringify(fields)}`);
        // An error that no port threw is a fault of the engine.
        must(
          message !== "step failed" || !process.alive,
          "never-fails-inside",
          () => `${String(fields["detail"])} ${String(fields["stack"])}`,
        );
      },
    };
    return [journal, deps];
  }

  /** Records the files of acknowledged calls as the agent's; a call with an unknown result leaves its path open. */
  #remember(callId: string, outcome: string): void {
    const call = this.model.agent.asked.get(callId);
    const { written } = this.oracle.lanes;
    if (call === undefined || outcome === "refused" || outcome === "error") return;
    const input: Readonly<Record<string, unknown>> =
      typeof call.input === "object" && call.input !== null ? { ...call.input } : {};
    const [verb, shellPath = "", ...content] = call.name === "shell" ? String(input["command"]).split(" ") : [];
    const path = call.name === "shell" ? shellPath : typeof input["path"] === "string" ? input["path"] : "";
    const { chosen } = this.oracle.lanes;
    const isKept = (place: string): boolean =>
      chosen.some(({ folder }) => folder === "" || place.startsWith(`${folder}/`));
    // The work in a repository that is left out for a while stays as it was.
    if (verb === "reset") for (const place of [...written.keys()].filter(isKept)) written.delete(place);
    else if (!isKept(path)) return;
    else if (outcome === "interrupted" || call.name === "edit_file" || verb === "rm") written.delete(path);
    else if (call.name === "write_file") written.set(path, String(input["content"]));
    else if (verb === "set") written.set(path, content.join(" "));
  }
}

/** Draws the mode and the repositories; a mode's shares are where it alone once was, so that stored tapes keep their modes. */
function drawStart(chance: Chance): RunStart {
  const [mode, count] = chance.weighted<readonly [RunMode, 1 | 3]>([
    [["implement", 1], 1.75],
    [["implement", 3], 0.75],
    [["review", 1], 1.5],
    [["bugfix", 1], 2.2],
    [["bugfix", 3], 0.8],
    [["plan", 3], 0.5],
    [["plan", 1], 1.5],
    [["feature", 1], 1.4],
    [["feature", 3], 0.6],
  ]);
  return count === 1 ? startOfOne(mode) : drawStartOfThree(chance, mode);
}
