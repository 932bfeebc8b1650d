import type { ApprovedClose, ApprovedDeletion } from "../../../domain/patch-set/approved-close.ts";
import type { BranchDeleted } from "../../../domain/run/deleting.ts";
import type { Closed } from "../../../domain/run/closing.ts";
import { PortError } from "../../ports/errors.ts";
import type { ForgeReader, RepositoryRef } from "../../ports/forge.ts";

/** The two writes, as the gate hands them on. */
interface Closer {
  closePullRequest(repository: RepositoryRef, approved: ApprovedClose): Promise<void>;
  deleteBranch(repository: RepositoryRef, approved: ApprovedDeletion): Promise<void>;
}

/**
 * Closes the run's own pull request, then deletes its branch where that was asked. Nothing is touched whose head is a commit of somebody
 * else. Done twice it leaves what once leaves. Throws PortError.
 */
export async function closeOwnPull(
  { reader, writer }: { readonly reader: Pick<ForgeReader, "watchPullRequest">; readonly writer: Closer },
  repository: RepositoryRef,
  approved: ApprovedClose,
): Promise<Closed> {
  const before = await reader.watchPullRequest(repository, approved.number);
  if (before.state === "merged") return { outcome: "merged", now: before, branch: "stays" };
  if (!approved.ownCommits.includes(before.headCommit)) return { outcome: "moved", now: before, branch: "moved" };
  if (!(await unlessMoved(writer.closePullRequest(repository, approved))))
    return {
      outcome: "moved",
      now: await reader.watchPullRequest(repository, approved.number),
      branch: "moved",
    };
  const closed = { ...before, state: "closed" } as const;
  if (approved.deletion === null) return { outcome: "closed", now: closed, branch: "stays" };
  const branch = await deleteBranch(writer, repository, approved.deletion);
  return { outcome: "closed", now: { ...closed, isBranchDeleted: branch === "deleted" }, branch };
}

/**
 * Deletes a branch that the run wrote and opened no pull request from, where its head is still the run's own commit and nobody has opened one
 * since. Done twice it leaves what once leaves. Throws PortError.
 */
export async function deleteOwnBranch(
  { reader, writer }: { readonly reader: ForgeReader; readonly writer: Pick<Closer, "deleteBranch"> },
  repository: RepositoryRef,
  approved: ApprovedDeletion,
): Promise<BranchDeleted> {
  const { branch, ownCommits } = approved;
  const head = await branchHead(reader, repository, branch);
  if (head === undefined) return { outcome: "gone" };
  if (!ownCommits.includes(head)) return movedBy(reader, repository, head);
  const pull = await reader.findPullRequest(repository, branch);
  if (pull?.state === "open") return { outcome: "in_use", number: pull.number, url: pull.url };
  if (await unlessMoved(writer.deleteBranch(repository, approved))) return { outcome: "deleted" };
  const pushed = await branchHead(reader, repository, branch);
  return pushed === undefined ? { outcome: "gone" } : movedBy(reader, repository, pushed);
}

async function movedBy(reader: ForgeReader, repository: RepositoryRef, headCommit: string): Promise<BranchDeleted> {
  const { authorName } = await reader.getCommit(repository, headCommit);
  return { outcome: "moved", headCommit, author: authorName };
}

/** The commit that a branch stands at; undefined where the forge has no such branch. */
export async function branchHead(
  reader: Pick<ForgeReader, "getBranchHead">,
  repository: RepositoryRef,
  branch: string,
): Promise<string | undefined> {
  try {
    return await reader.getBranchHead(repository, branch);
  } catch (error) {
    if (error instanceof PortError && error.code === "not_found") return undefined;
    throw error;
  }
}

/** A forge that refuses to delete the branch leaves it: the pull request is closed all the same. */
async function deleteBranch(
  writer: Closer,
  repository: RepositoryRef,
  approved: ApprovedDeletion,
): Promise<Closed["branch"]> {
  try {
    return (await unlessMoved(writer.deleteBranch(repository, approved))) ? "deleted" : "moved";
  } catch (error) {
    if (error instanceof PortError && error.kind === "permanent") return "refused";
    throw error;
  }
}

/** False when somebody pushed in between. */
async function unlessMoved(write: Promise<void>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof PortError && error.code === "moved") return false;
    throw error;
  }
}
