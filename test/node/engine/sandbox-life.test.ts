import { afterEach, describe, expect, it } from "vitest";
import { driveOnce } from "../../../worker/services/run/engine/driver.ts";
import type { EngineDeps, StepOutcome } from "../../../worker/services/run/engine/deps.ts";
import { heldSandboxes } from "../../../worker/services/run/engine/sandboxes.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import type { SandboxPort } from "../../../worker/ports/sandbox.ts";
import { cancelRun, pauseRun, resumeRun } from "../../person-commands.ts";
import { ada } from "../../fakes/run-start.ts";
import { MemorySandbox } from "../../fakes/sandbox/memory-sandbox.ts";
import { EngineHarness } from "./harness.ts";
import { files, finish, fix, review } from "./scenario.ts";

let harness: EngineHarness;
afterEach(() => harness.close());

const unreachable = (): PortError => new PortError("sandbox", "transient", "host_unreachable", "no answer");

/** A run that has its base commit and no sandbox yet, with single operations of its sandbox replaced. */
function begin(change: (memory: MemorySandbox) => Partial<SandboxPort>): {
  readonly memory: MemorySandbox;
  readonly step: (signal?: AbortSignal) => Promise<StepOutcome | "idle">;
} {
  harness = EngineHarness.start(files);
  const memory = new MemorySandbox();
  const changed = change(memory);
  const operation = <K extends keyof SandboxPort>(name: K): SandboxPort[K] =>
    (changed[name] ?? memory[name].bind(memory)) as SandboxPort[K];
  const port: SandboxPort = {
    ...{ open: operation("open"), seed: operation("seed"), exec: operation("exec"), cancel: operation("cancel") },
    ...{ readFile: operation("readFile"), writeFile: operation("writeFile"), list: operation("list") },
    ...{ remove: operation("remove"), changes: operation("changes"), fetchPort: operation("fetchPort") },
    ...{ seedFile: operation("seedFile"), destroy: operation("destroy") },
  };
  const sandboxFor: EngineDeps["sandboxFor"] = (settings) => ({ ...harness.deps.sandboxFor(settings), port });
  harness.begin("implement");
  const deps = { ...harness.deps, sandboxFor };
  return { memory, step: async (signal = new AbortController().signal) => driveOnce(deps, harness.journal, signal) };
}

/** Takes steps until the run rests, sleeps jumped over. */
async function rest(step: () => Promise<StepOutcome | "idle">): Promise<void> {
  for (let count = 0; count < 60; count += 1) {
    const outcome = await step();
    if (outcome === "idle") return;
    if (outcome !== "again") harness.nowMs = Math.max(harness.nowMs, outcome.sleepUntilMs);
  }
  throw new Error(`the run does not rest, in ${harness.journal.view().state}`);
}

describe("a sandbox that was asked for is destroyed", () => {
  it("when its seed is refused and the run asks a person", async () => {
    const { memory, step } = begin(() => ({
      seed: async () => Promise.reject(new PortError("sandbox", "permanent", "invalid_archive", "damaged")),
    }));
    await rest(step);
    expect(harness.journal.view().state).toBe("NEEDS_HUMAN");
    expect(memory.openIds).toEqual([]);
    expect(heldSandboxes(harness.journal)).toEqual([]);
  });

  it("when the run is cancelled while the sandbox is seeded, without waiting for the seed", async () => {
    const control = new AbortController();
    let fail: (error: Error) => void = () => undefined;
    const { memory, step } = begin((inner) => ({
      seed: async () => {
        cancelRun(harness.journal, ada);
        const broken = new Promise<never>((_resolve, reject) => (fail = reject));
        control.abort();
        return broken;
      },
      destroy: async (id) => {
        await inner.destroy(id);
        fail(new PortError("sandbox", "transient", "sandbox_gone", "it was destroyed"));
      },
    }));
    await step();
    expect(await step(control.signal)).toBe("again");
    expect(memory.openIds).toEqual([]);
    expect(await step()).toBe("idle");
    expect(heldSandboxes(harness.journal)).toEqual([]);
  });

  it("when the run's object died after the sandbox was opened and the run was cancelled meanwhile", async () => {
    const { memory, step } = begin((inner) => ({
      open: async (spec) => {
        await inner.open(spec);
        cancelRun(harness.journal, ada);
        throw unreachable();
      },
    }));
    await step();
    await step();
    expect(memory.openIds).toHaveLength(1);
    expect(await step()).toBe("idle");
    expect(memory.openIds).toEqual([]);
  });

  it("also when the host can't be reached at first, and after minutes", async () => {
    let refusals = 6;
    const { memory, step } = begin((inner) => ({
      seed: async () => {
        cancelRun(harness.journal, ada);
        throw unreachable();
      },
      destroy: async (id) => {
        refusals -= 1;
        if (refusals >= 0) throw unreachable();
        await inner.destroy(id);
      },
    }));
    await rest(step);
    expect(memory.openIds).toEqual([]);
    expect(heldSandboxes(harness.journal)).toEqual([]);
  });
});

it("a host that stays away lets the run rest, and the run still names the sandbox as one to be destroyed", async () => {
  const { memory, step } = begin(() => ({
    seed: async () => {
      cancelRun(harness.journal, ada);
      throw unreachable();
    },
    destroy: async () => Promise.reject(unreachable()),
  }));
  await rest(step);
  expect(memory.openIds).toHaveLength(1);
  expect(heldSandboxes(harness.journal)).toEqual([]);
});

it("a run holds its sandbox while it works, gives it back when it is paused and asks for one again", async () => {
  harness = EngineHarness.start(files);
  harness.begin("implement");
  harness.turns = [[fix("a")], [finish("b")], [review("c")]];
  for (let step = 0; step < 4; step += 1) await harness.step();
  const id = `run-${harness.journal.spec.runId}`;
  expect(heldSandboxes(harness.journal)).toEqual([id]);
  pauseRun(harness.journal, ada);
  expect(heldSandboxes(harness.journal)).toEqual([]);
  await harness.drive();
  resumeRun(harness.journal, ada, harness.nowMs);
  await harness.drive(5, () => heldSandboxes(harness.journal).length > 0);
  expect(heldSandboxes(harness.journal)).toEqual([id]);
});
