import type { Actor } from "../../../contracts/actor.ts";
import type { RunRow } from "../../db/stores/run.ts";

/** The actor that started a run, from its row: a person by their id, every other actor as it was then. */
export function starterOf({
  run,
  starter,
}: {
  readonly run: Pick<RunRow["run"], "startedByActor">;
  readonly starter: RunRow["starter"];
}): Actor {
  if (run.startedByActor !== null) return run.startedByActor;
  if (starter === null) return { kind: "system", name: "unknown" };
  return { kind: "person", id: String(starter.id), name: starter.name, avatarUrl: starter.image };
}
