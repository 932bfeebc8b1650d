import { responsibleUserId } from "../../../context.ts";
import { PortError } from "../../../ports/errors.ts";
import type { ForgeReader, RepositoryRef } from "../../../ports/forge.ts";
import type { RunRepository, RunSpec } from "../../../ports/run-host.ts";
import type { RunJournal } from "./journal.ts";
import type { WriteGate } from "../../patch-set/write-gate.ts";

/** A repository's row: where it is at the forge now. */
export interface RepositoryPlace {
  readonly externalId: string;
  readonly installationId: string;
  readonly owner: string;
  readonly name: string;
  /** UTC milliseconds since which no connector of the tenant reaches it; null while one does. */
  readonly removedAtMs: number | null;
}

/** Finds a repository of a tenant by its row's id. Throws PortError (database). */
export type FindPlace = (tenantId: number, repositoryId: number) => Promise<RepositoryPlace | undefined>;

/**
 * Where a run's repository is now. The run keeps the forge's id from its start; owner, name and installation may have changed since and come
 * from the row. Throws permanent `repository_gone` when no connector reaches it any more, `wrong_repository` when the row has another id.
 */
export async function locate(find: FindPlace, spec: RunSpec, stored: RunRepository): Promise<RunRepository> {
  const place = await find(spec.tenantId, Number(stored.id));
  const named = `${stored.owner}/${stored.name}`;
  if (place === undefined || place.removedAtMs !== null)
    throw new PortError("forge", "permanent", "repository_gone", `${named} is no longer connected`);
  if (stored.externalId !== "" && stored.externalId !== place.externalId)
    throw new PortError("forge", "permanent", "wrong_repository", `${named} has another id now`);
  const { externalId, installationId, name, owner } = place;
  return { ...stored, externalId, installationId, name, owner };
}

/** Whether a person can see a repository at the forge now. Throws PortError; `unauthorized` when the forge takes their sign-in no more. */
export type CanSee = (userId: number, externalId: string) => Promise<boolean>;

/** Everything that a run's forge is bound by. */
export interface Binding {
  readonly spec: () => RunSpec;
  /** The person whose access the run reads by; null when no person answers for it. */
  readonly starter: () => number | null;
  readonly find: FindPlace;
  readonly canSee: CanSee;
}

/**
 * The person whose access a run reads by, by its first event: the one who started it, or the owner of the API key that did, also once they
 * were removed; null for all other actors.
 */
export function starterId(journal: Pick<RunJournal, "view">): number | null {
  const starter = journal.view().created?.startedBy;
  return starter === undefined ? null : responsibleUserId(starter);
}

/** The forge as one run reaches it. */
export interface RunForge {
  readonly reader: ForgeReader;
  readonly writeGate: WriteGate;
}

/**
 * The forge for one run: before each read and write the repository is located anew, so that it is reached by its id wherever it is now.
 *
 * The App reaches more than each person does. So the run reads a repository only while the person who started it, or who owns the key that did,
 * can see it at the forge, which is asked once for the life of this object, before anything is read; and each write asks for the person who
 * approved it. Throws permanent `not_visible`, `sign_in_expired`. A run that no person answers for reads for its tenant.
 */
export function bindForge(
  { reader, writeGate }: RunForge,
  { canSee, find, spec: specOf, starter: starterOf }: Binding,
): RunForge {
  const locateReference = async (reference: RepositoryRef): Promise<RunRepository> => {
    const spec = specOf();
    const stored = spec.repositories.find(
      ({ installationId, name, owner }) =>
        installationId === reference.installationId && name === reference.name && owner === reference.owner,
    );
    if (stored === undefined) throw new Error("the run was not given this repository");
    return locate(find, spec, stored);
  };
  const seen = new Set<string>();
  const where = async (reference: RepositoryRef): Promise<RunRepository> => {
    const found = await locateReference(reference);
    const starter = starterOf();
    if (starter !== null && !seen.has(found.externalId)) await requireVisibility(canSee, starter, found);
    seen.add(found.externalId);
    return found;
  };
  const at =
    <A extends readonly unknown[], R>(method: (repository: RepositoryRef, ...rest: A) => Promise<R>) =>
    async (repository: RepositoryRef, ...rest: A): Promise<R> =>
      method(await where(repository), ...rest);
  const admitted = async <T extends Decided>(request: T): Promise<T> => {
    const found = await locateReference(request.repository);
    if (request.approval !== undefined) await requireVisibility(canSee, Number(request.approval.by.id), found);
    return { ...request, repository: { ...request.repository, ...found } };
  };
  return {
    // Every method by name: a new one must say how it is bound.
    reader: {
      listInstallationRepositories: (installationId) => reader.listInstallationRepositories(installationId),
      getRepository: at(reader.getRepository),
      getBranchHead: at(reader.getBranchHead),
      getCommit: at(reader.getCommit),
      getTree: at(reader.getTree),
      getFile: at(reader.getFile),
      readBlobs: at(reader.readBlobs),
      getTarball: at(reader.getTarball),
      findPullRequest: at(reader.findPullRequest),
      getPullRequest: at(reader.getPullRequest),
      watchPullRequest: at(reader.watchPullRequest),
      listPullFiles: at(reader.listPullFiles),
      findReview: at(reader.findReview),
      listChecks: at(reader.listChecks),
      listRequiredChecks: at(reader.listRequiredChecks),
      getWorkflowRunLog: at(reader.getWorkflowRunLog),
    },
    writeGate: {
      commit: async (request) => writeGate.commit(await admitted(request)),
      branch: async (request, commit) => writeGate.branch(await admitted(request), commit),
      pullRequest: async (request, open) => writeGate.pullRequest(await admitted(request), open),
      close: async (request) => writeGate.close(await admitted(request)),
      deleteBranch: async (request) => writeGate.deleteBranch(await admitted(request)),
      review: async (request) => writeGate.review(await admitted(request)),
    },
  };
}

/** A request to write, with the decision that it is made under; without one the gate refuses by itself. */
interface Decided {
  readonly repository: RepositoryRef;
  readonly approval: { readonly by: { readonly id: string } } | undefined;
}

async function requireVisibility(
  canSee: CanSee,
  userId: number,
  { externalId, name, owner }: RunRepository,
): Promise<void> {
  const named = `${owner}/${name}`;
  let isSeen: boolean;
  try {
    isSeen = await canSee(userId, externalId);
  } catch (error) {
    if (!(error instanceof PortError) || error.code !== "unauthorized") throw error;
    throw new PortError("forge", "permanent", "sign_in_expired", `${named}: the person's sign-in is not accepted`);
  }
  if (!isSeen) throw new PortError("forge", "permanent", "not_visible", `the person can't see ${named}`);
}
