import type { ApprovedClose, ApprovedDeletion } from "../../../domain/patch-set/approved-close.ts";
import type { ApprovedReview } from "../../../domain/review/approval.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import type { ForgeReader, RepositoryRef } from "../../../worker/ports/forge.ts";
import { createWriteGate, type WriteGate } from "../../../worker/services/patch-set/write-gate.ts";
import type { PullUnderReview } from "./pull-under-review.ts";
import type { RepositoryState } from "./repository-state.ts";

type Writer = Parameters<typeof createWriteGate>[0]["writer"];
export type ApprovedChanges = Parameters<Writer["writeCommit"]>[1];

/** A write on its way. */
export type Write =
  | { readonly kind: "commit"; readonly approved: ApprovedChanges; readonly commit: string }
  | { readonly kind: "branch"; readonly approved: ApprovedChanges; readonly branch: string; readonly commit: string }
  | {
      readonly kind: "advance";
      readonly approved: ApprovedChanges;
      readonly branch: string;
      readonly from: string;
      readonly to: string;
    }
  | { readonly kind: "pull_request"; readonly approved: ApprovedChanges; readonly branch: string }
  | { readonly kind: "close"; readonly close: ApprovedClose }
  | { readonly kind: "delete_branch"; readonly deletion: ApprovedDeletion }
  | { readonly kind: "review"; readonly approved: ApprovedReview; readonly marker: string };

/** Hooks around the forge's work, with which a test delays, fails or checks it. */
export interface ForgeHooks {
  /** Before a read is answered. */
  readonly beforeRead?: (what: keyof ForgeReader) => Promise<void>;
  /** Before a write is done. */
  readonly beforeWrite?: (write: Write, repository: RepositoryState) => Promise<void>;
  /** After a write is done, before its answer leaves. */
  readonly afterWrite?: (write: Write, repository: RepositoryState) => Promise<void>;
}

export interface ForgeSides {
  /** The repository of a reference. Throws PortError `not_found`. */
  readonly repository: (reference: RepositoryRef) => RepositoryState;
  readonly pull: Pick<PullUnderReview, "read" | "files" | "find" | "post">;
  readonly log: (workflowRunId: string) => string;
}

/** A forge's reads over its state, as one process sees them. */
export function forgeReader(sides: ForgeSides, { beforeRead = async () => undefined }: ForgeHooks = {}): ForgeReader {
  const reads = async <T>(what: keyof ForgeReader, answer: () => T): Promise<T> => {
    await beforeRead(what);
    return answer();
  };
  const at = sides.repository;
  const unused = (): never => {
    throw new Error("the engine does not use this");
  };
  return {
    getBranchHead: async (repository, branch) => reads("getBranchHead", () => at(repository).head(branch)),
    getCommit: async (repository, commit) => reads("getCommit", () => at(repository).commitAt(commit)),
    getTree: async (repository, commit) => reads("getTree", () => at(repository).treeAt(commit)),
    getFile: async (repository, _commit, path) => reads("getFile", () => at(repository).file(path)),
    readBlobs: async (repository, blobs, use) => {
      await reads("readBlobs", () => undefined);
      for (const blob of blobs) await use(blob, new Blob([Uint8Array.from(at(repository).blob(blob))]).stream());
    },
    getTarball: async (repository) => reads("getTarball", () => new Blob([at(repository).tarball()]).stream()),
    listChecks: async (repository, commit) => reads("listChecks", () => at(repository).checksOf(commit)),
    listRequiredChecks: async (repository) => reads("listRequiredChecks", () => at(repository).requiredChecks),
    getWorkflowRunLog: async (_repository, id) => reads("getWorkflowRunLog", () => sides.log(id)),
    getPullRequest: async () => reads("getPullRequest", () => sides.pull.read()),
    watchPullRequest: async (repository, number) => reads("watchPullRequest", () => at(repository).pullNow(number)),
    listPullFiles: async () => reads("listPullFiles", () => sides.pull.files()),
    findReview: async (_repository, _number, commit, marker) =>
      reads("findReview", () => sides.pull.find(commit, marker)),
    findPullRequest: async (repository, branch) =>
      reads("findPullRequest", () => at(repository).pulls.find(({ headBranch }) => headBranch === branch)),
    listInstallationRepositories: unused,
    getRepository: unused,
  };
}

/** The write gate over a forge's state, as one process sees it. `change` wraps the reads that it makes itself. */
export function forgeGate(
  sides: ForgeSides,
  hooks: ForgeHooks = {},
  change: (reader: ForgeReader) => ForgeReader = (reader) => reader,
): WriteGate {
  return createWriteGate({ reader: change(forgeReader(sides, hooks)), writer: forgeWriter(sides, hooks) });
}

function forgeWriter(sides: ForgeSides, hooks: ForgeHooks): Writer {
  const writes = async <T>(reference: RepositoryRef, write: Write, work: (state: RepositoryState) => T): Promise<T> => {
    const state = sides.repository(reference);
    await hooks.beforeWrite?.(write, state);
    const result = work(state);
    await hooks.afterWrite?.(write, state);
    return result;
  };
  return {
    writeCommit: async (reference, approved, plan) => {
      const { baseCommit, changes } = approved;
      const state = sides.repository(reference);
      const commit = state.nextCommitId();
      const tree = state.idOf([
        baseCommit,
        changes.map(({ afterBlob, afterMode, path }) => [path, afterMode, afterBlob]),
      ]);
      return writes(reference, { kind: "commit", approved, commit }, () => {
        state.commits.set(commit, {
          tree,
          parents: [plan.parentCommit ?? baseCommit],
          message: plan.message,
          authorName: "lime[bot]",
        });
        return { commit, tree };
      });
    },
    createBranch: async (reference, approved, branch, commit) =>
      writes(reference, { kind: "branch", approved, branch, commit }, (state) => state.createBranch(branch, commit)),
    advanceBranch: async (reference, approved, branch, move) =>
      writes(reference, { kind: "advance", approved, branch, ...move }, (state) => state.advanceBranch(branch, move)),
    openPullRequest: async (reference, approved, request) =>
      writes(reference, { kind: "pull_request", approved, branch: request.headBranch }, (state) =>
        state.openPull(request),
      ),
    closePullRequest: async (reference, close) =>
      writes(reference, { kind: "close", close }, (state) => state.closeOwn(close)),
    deleteBranch: async (reference, deletion) =>
      writes(reference, { kind: "delete_branch", deletion }, (state) => state.deleteOwnBranch(deletion)),
    postReview: async (reference, approved, marker) =>
      writes(reference, { kind: "review", approved, marker }, () => sides.pull.post(approved, marker)),
  };
}

/** Finds repositories by `owner/name`. */
export function byName(repositories: ReadonlyMap<string, RepositoryState>): ForgeSides["repository"] {
  return ({ name, owner }) => {
    const found = repositories.get(`${owner}/${name}`);
    if (found === undefined) throw new PortError("forge", "permanent", "not_found", `${owner}/${name}`);
    return found;
  };
}
