import { SetupError } from "./installations.ts";
import type { ForgeContext } from "../context.ts";
import type { OutsideCheck } from "../store/outside-checks.ts";
import type { Repository } from "../store/repositories.ts";
import type { OutsideCheckRequest, RequiredChecksRequest, RequiredSignaturesRequest } from "../types.ts";
import { outsideCheckRun, statusState } from "../answers/outside-checks.ts";
import { commitIn, envelope } from "../events/emit.ts";

function repositoryNamed(context: ForgeContext, name: string): Repository {
  const [owner = "", repository = ""] = name.split("/");
  const found = context.store.repositories.byName(owner, repository);
  if (found === undefined) throw new SetupError("not_found", `there is no repository ${name}`);
  return found;
}

/**
 * Sets a commit status or another app's check run, as a service beside the forge would, and sends its event.
 * Throws SetupError `not_found` for an unknown repository or commit.
 */
export async function setOutsideCheck(context: ForgeContext, request: OutsideCheckRequest): Promise<void> {
  const repository = repositoryNamed(context, request.repository);
  const commit = await commitIn(context, repository, request.commit).catch(() => undefined);
  if (commit === undefined) throw new SetupError("not_found", `there is no commit ${request.commit}`);
  const check = context.store.outsideChecks.set({
    repositoryId: repository.id,
    sha: request.commit,
    kind: request.kind,
    name: request.name,
    conclusion: request.conclusion,
    url: request.url ?? null,
    updatedAtMs: context.now(),
  });
  announce(context, repository, check);
}

/** Sets the checks that a branch demands before a merge. Throws SetupError `not_found` for an unknown repository. */
export function setRequiredChecks(context: ForgeContext, request: RequiredChecksRequest): void {
  const { id } = repositoryNamed(context, request.repository);
  context.store.outsideChecks.require(id, request.branch, request.names);
}

/** Sets whether all branches demand signed commits. Throws SetupError `not_found` for an unknown repository. */
export function setRequiredSignatures(context: ForgeContext, request: RequiredSignaturesRequest): void {
  const { id } = repositoryNamed(context, request.repository);
  context.store.repositories.requireSignatures(id, request.required);
}

function announce(context: ForgeContext, repository: Repository, check: OutsideCheck): void {
  const about = envelope(context, repository, context.store.accounts.byId(repository.ownerId));
  if (about === undefined) return;
  if (check.kind === "status") {
    const state = statusState(check);
    const payload = { ...about.fields, id: check.id, sha: check.sha, context: check.name, state };
    context.deliveries.emitAs("status", payload, about.subject);
    return;
  }
  const action = check.conclusion === null ? "created" : "completed";
  const payload = { ...about.fields, action, check_run: outsideCheckRun(context, repository, check) };
  context.deliveries.emitAs("check_run", payload, { ...about.subject, action });
}
