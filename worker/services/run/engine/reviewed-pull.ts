import { redactSecrets } from "../../../../domain/policy/secrets.ts";
import type { PullFile, ReviewedPull } from "../../../../contracts/review.ts";
import { gitBlobId } from "../../../../domain/hash.ts";
import { parseStored } from "../../../../domain/parse-stored.ts";
import { pullDiffText } from "../../../../domain/review/diff-text.ts";
import { PortError } from "../../../ports/errors.ts";
import type { ForgePullDetails, ForgeReader, RepositoryRef } from "../../../ports/forge.ts";
import { ToolError } from "../tools/context.ts";
import { cleanText } from "./clean-text.ts";
import type { RunJournal } from "./journal.ts";

/** Patches of more than this together are left out; their files can still be read in the sandbox. */
const maxPatchCharacters = 3_000_000;
const maxTextCharacters = 20_000;
/** The most characters of the diff in the reviewer's first message, and in one answer of the tool. */
export const maxDiffCharacters = 200_000;

/** A pull request and its diff, read together: both speak of the same head commit. */
export interface ReadPull {
  readonly details: ForgePullDetails;
  readonly pull: ReviewedPull;
  /** The diff as it is stored, under the name `pull.diff`. */
  readonly baseBlobs: ReadonlyMap<string, Uint8Array>;
}

/** Reads a pull request with its files. Throws PortError; transient `moved` when it was pushed to meanwhile. */
export async function readPull(forge: ForgeReader, repository: RepositoryRef, number: number): Promise<ReadPull> {
  const before = await forge.getPullRequest(repository, number);
  const listed = await forge.listPullFiles(repository, number);
  const details = await forge.getPullRequest(repository, number);
  if (details.headCommit !== before.headCommit)
    throw new PortError("forge", "transient", "moved", "the pull request was pushed to while it was read");
  const files = boundedPatches(listed);
  const bytes = new TextEncoder().encode(JSON.stringify(files));
  const diff = gitBlobId(bytes);
  return {
    details,
    baseBlobs: new Map([[diff, bytes]]),
    pull: {
      number: details.number,
      url: details.url,
      branch: details.headBranch,
      commit: details.headCommit,
      title: cleanText(details.title).slice(0, 1000).toWellFormed(),
      body: cleanText(details.body).slice(0, maxTextCharacters).toWellFormed(),
      author: details.author,
      baseBranch: details.baseBranch,
      baseCommit: details.baseCommit,
      files: files.length,
      additions: files.reduce((sum, file) => sum + file.additions, 0),
      deletions: files.reduce((sum, file) => sum + file.deletions, 0),
      diff,
    },
  };
}

function boundedPatches(files: readonly PullFile[]): readonly PullFile[] {
  let left = maxPatchCharacters;
  return files.map((file) => {
    left -= file.patch?.length ?? 0;
    return left >= 0 ? file : { ...file, patch: null };
  });
}

/** The files of the pull request under review, as they were read; empty when none is. */
export function reviewedFiles(journal: Pick<RunJournal, "view" | "baseBlob">): readonly PullFile[] {
  const { reviewed } = journal.view();
  const bytes = reviewed === undefined ? undefined : journal.baseBlob(reviewed.diff);
  return bytes === undefined ? [] : parseStored(new TextDecoder().decode(bytes));
}

/** The diff of the pull request under review, without credentials: of one file or folder, or of all. Throws ToolError for a path that it doesn't change. */
export function reviewedDiff(journal: RunJournal, path: string | undefined): string {
  const files = reviewedFiles(journal);
  const wanted = (path ?? "").replace(/^(?:\.\/)+/u, "").replace(/\/+$/u, "");
  if (wanted === "" || wanted === ".") return redactSecrets(pullDiffText(files, maxDiffCharacters));
  const found = files.filter((file) => file.path === wanted || file.path.startsWith(`${wanted}/`));
  if (found.length === 0) throw new ToolError("The pull request changes nothing there.");
  return redactSecrets(pullDiffText(found, Math.max(maxDiffCharacters, found[0]?.patch?.length ?? 0)));
}
