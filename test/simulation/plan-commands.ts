import { planSchema, type Plan } from "../../contracts/plan.ts";
import { keepTasks } from "../../domain/plan/tasks.ts";
import { ada } from "../fakes/run-start.ts";
import { revisePlan } from "../person-commands.ts";
import type { EventOracle } from "./event-oracle.ts";
import type { Planned } from "./lane-commands.ts";
import { modeLaws } from "./lawful-moves.ts";
import type { MemoryJournal } from "./memory-journal.ts";
import type { World } from "./world.ts";

interface Scene {
  readonly world: World;
  readonly oracle: EventOracle;
  readonly journal: () => MemoryJournal;
}

const nothing: Plan = {
  summary: "s",
  tasks: [{ title: "T", type: "task", description: "", acceptance_criteria: [], depends_on: [] }],
};

/** A person's change of the plan that waits: other titles, and some of its items only. `isOlder` makes it from a plan that waits no more. */
export function plannedRevision({ journal, oracle, world }: Scene, isOlder: boolean): Planned {
  const { chance } = world;
  const { proposal, state } = oracle;
  const stored = planSchema.safeParse(oracle.plan);
  const { summary, tasks } = stored.success ? stored.data : nothing;
  const keeps = tasks.map(() => chance.happens(0.7));
  const kept = keepTasks(tasks, (index) => keeps[index] === true);
  const revision = (journal().view().artifacts.plan?.version ?? 0) + 1;
  const named = (kept.length === 0 ? nothing.tasks : kept).map((task, index) => ({
    ...task,
    title: `Revised ${revision}.${index}`,
  }));
  const plan: Plan = { summary, tasks: named };
  const baseHash = isOlder || proposal === undefined ? "0".repeat(64) : proposal.hash;
  const baseCommit = proposal?.baseCommit ?? "0".repeat(40);
  const may =
    !isOlder && proposal !== undefined && state === "WAITING_APPROVAL" && modeLaws[oracle.mode].product === "plan";
  return {
    name: isOlder ? "revise an older plan" : "revise plan",
    ends: false,
    may,
    run: () => revisePlan(journal(), ada, { baseHash, baseCommit, plan }),
    came: () => oracle.proposal?.hash !== baseHash && oracle.titles.join() === named.map(({ title }) => title).join(),
  };
}
