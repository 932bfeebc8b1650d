import type { ApprovedClose } from "../../../domain/patch-set/approved-close.ts";
import type { Closed } from "../../../domain/run/closing.ts";
import { PortError } from "../../ports/errors.ts";
import type { ForgeReader, RepositoryRef } from "../../ports/forge.ts";

/** The two writes, as the gate hands them on. */
interface Closer {
  closePullRequest(repository: RepositoryRef, approved: ApprovedClose): Promise<void>;
  deleteBranch(repository: RepositoryRef, approved: ApprovedClose): Promise<void>;
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
  if (!approved.deletesBranch) return { outcome: "closed", now: closed, branch: "stays" };
  const branch = await deleteBranch(writer, repository, approved);
  return { outcome: "closed", now: { ...closed, isBranchDeleted: branch === "deleted" }, branch };
}

/** A forge that refuses to delete the branch leaves it: the pull request is closed all the same. */
async function deleteBranch(
  writer: Closer,
  repository: RepositoryRef,
  approved: ApprovedClose,
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
