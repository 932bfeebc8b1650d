import type { NewRunEvent, PromptPart } from "../../../../../contracts/run-events.ts";
import { chosenLanes } from "../../../../../domain/run/lanes.ts";
import type { StepContext } from "../deps.ts";
import { facts } from "../facts.ts";
import { repositoryOf } from "../run-spec.ts";
import { ensureWorkspace } from "../workspace.ts";
import { inspect } from "./intake.ts";

/**
 * Fixes the base commits of repositories that were left out when the run began and take part now. Nothing is asked where every
 * chosen lane has one. Throws PortError.
 */
export async function resolveLateBases({ deps, epoch, journal }: StepContext): Promise<void> {
  const late = chosenLanes(journal.view()).filter(({ baseCommit }) => baseCommit === undefined);
  if (late.length === 0) return;
  const events = await Promise.all(
    late.map(async ({ baseBranch, id: repositoryId }): Promise<NewRunEvent> => {
      const baseCommit = await deps.forge.getBranchHead(repositoryOf(journal.spec, repositoryId), baseBranch);
      return { type: "base.resolved", data: { repositoryId, baseCommit } };
    }),
  );
  journal.commit({ events }, epoch);
}

/** Inspects repositories that take part only since after intake: their test commands and their own instructions. Throws PortError. */
export async function inspectLateLanes(context: StepContext): Promise<void> {
  const { epoch, journal } = context;
  // A run over one repository was inspected at intake, by older versions without an event.
  const late = chosenLanes(journal.view()).filter(
    ({ folder, testCommand }) => folder !== "" && testCommand === undefined,
  );
  if (late.length === 0) return;
  await ensureWorkspace(context);
  const events: NewRunEvent[] = [];
  const instructions: PromptPart[] = [...(facts.repositoryInstructions.read(journal) ?? [])];
  for (const lane of late) {
    const inspected = await inspect(context, lane);
    events.push(...inspected.events);
    instructions.push(...inspected.instructions);
  }
  journal.commit({ events, facts: facts.repositoryInstructions.write(instructions) }, epoch);
}
