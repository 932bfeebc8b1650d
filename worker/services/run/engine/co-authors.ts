import type { CoAuthor } from "../../../../contracts/patch-set.ts";
import { coAuthorTrailer } from "../../../../domain/text/commit-message.ts";
import { PortError } from "../../../ports/errors.ts";
import type { StepContext } from "./deps.ts";

/**
 * The people whom a commit of this run names beside its author, which is the forge's App: the person who started the run. Empty where another
 * actor did, or where the forge gives no address of theirs that may be public. Throws transient PortError.
 */
export async function coAuthorsOf({ deps, journal }: StepContext): Promise<readonly CoAuthor[]> {
  const starter = journal.view().created?.startedBy;
  if (starter?.kind !== "person") return [];
  try {
    const person = { name: starter.name, email: await deps.noreplyEmail(Number(starter.id)) };
    return coAuthorTrailer(person) === undefined ? [] : [person];
  } catch (error) {
    if (!(error instanceof PortError) || error.kind === "transient") throw error;
    return [];
  }
}
