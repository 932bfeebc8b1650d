import type { RunLimits } from "../../contracts/run.ts";
import type { EventOracle } from "./event-oracle.ts";
import { workingStage } from "./lawful-moves.ts";
import type { MemoryJournal } from "./memory-journal.ts";
import type { World } from "./world.ts";

interface Scene {
  readonly world: World;
  readonly oracle: EventOracle;
  readonly journal: () => MemoryJournal;
}

/** Limits as people set them, sensible or not. */
export function drawnLimits({ chance, hasMoney }: World): RunLimits {
  const costMicros = chance.pick([null, 0, 5000, 20_000, 1_000_000]);
  const limits: RunLimits = chance.happens(0.3)
    ? { costMicros, wallTimeMs: chance.pick([null, 0, 1000, 3_600_000]) }
    : { costMicros, wallTimeMs: null };
  if (!hasMoney || chance.happens(0.5)) return limits;
  return {
    ...limits,
    stageTurns: chance.pick([null, 1, 2, 7, 60]),
    stageWallTimeMs: chance.pick([null, 10_000, 60_000, 3_600_000]),
  };
}

/** Whether a stage that is gone on with would stop at once for a limit of the whole run. */
export function isHeldBack({ journal, oracle, world }: Scene): boolean {
  const { costMicros, firstStageAtMs, limits } = journal().view();
  const stage = workingStage[oracle.returnTo ?? "QUEUED"];
  if (stage === undefined || stage === "tester") return false;
  if (limits.costMicros !== null && (costMicros === null || costMicros >= limits.costMicros)) return true;
  return (
    limits.wallTimeMs !== null && firstStageAtMs !== undefined && world.nowMs - firstStageAtMs >= limits.wallTimeMs
  );
}
