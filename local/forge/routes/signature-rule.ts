import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ForgeContext } from "../context.ts";
import { gitDirectory } from "../core.ts";
import { readCommits, type Commit } from "../git/commits.ts";
import type { GitCallOptions } from "../git/git.ts";
import { bringsObjects, declined, readPush } from "../git/push.ts";
import { noObject } from "../git/refs.ts";
import { verify } from "../git/signatures.ts";
import type { Repository } from "../store/repositories.ts";

type Parts = Pick<ForgeContext, "app" | "dataDir" | "git" | "store">;

/** The words of GitHub's rule. */
export const signatureWords = "Commits must have verified signatures.";
/** Beginnings of pushes that are read: several thousand refs. */
const maxHeadBytes = 1_048_576;

/**
 * The commits that a ref at `after` would bring to the repository's branches and that are not signed, where a rule demands it; none for
 * refs that are no branches, and for a deletion.
 */
export async function unsignedCommits(
  { app, git, store }: Pick<Parts, "app" | "git" | "store">,
  repository: Pick<Repository, "id">,
  directory: string,
  { after, options = {}, ref }: { readonly ref: string; readonly after: string; readonly options?: GitCallOptions },
): Promise<readonly Commit[]> {
  const isFree = !ref.startsWith("refs/heads/") || after === noObject;
  if (isFree || !store.repositories.requiresSignatures(repository.id)) return [];
  const listed = await git.text(directory, ["rev-list", after, "--not", "--branches"], options);
  const commits = await readCommits(git, directory, listed === "" ? [] : listed.split("\n"), options);
  return commits.filter((commit) => !verify(app.signingKey, commit).verified);
}

/**
 * GitHub's answer to a push that brings unsigned commits to a branch whose rule demands signed ones; undefined where git may take the push.
 * Its objects are read in a folder of their own, so that a push that is declined leaves nothing.
 *
 * @param file the whole push as it came
 */
export async function declineUnsigned(
  context: Parts,
  repository: Repository,
  file: string,
): Promise<Buffer | undefined> {
  const push = readPush(await beginningOf(file));
  if (push === undefined || !bringsObjects(push)) return undefined;
  const directory = gitDirectory(context, repository);
  const objects = await mkdtemp(join(context.dataDir, "push-objects-"));
  try {
    await mkdir(join(objects, "pack"));
    const env = {
      GIT_OBJECT_DIRECTORY: objects,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: join(directory, "objects"),
    };
    const input = createReadStream(file, { start: push.packStart });
    const unpacked = await context.git.run(directory, ["index-pack", "--stdin", "--fix-thin"], { input, env });
    // git itself tells what is wrong with the pack.
    if (unpacked.exitCode !== 0) return undefined;
    for (const { after, ref } of push.changes) {
      const unsigned = await unsignedCommits(context, repository, directory, { ref, after, options: { env } });
      if (unsigned.length > 0) return declined(push, linesOf(ref, unsigned), reason);
    }
    return undefined;
  } finally {
    await rm(objects, { recursive: true, force: true });
  }
}

const reason = "push declined due to repository rule violations";

function linesOf(ref: string, unsigned: readonly Commit[]): readonly string[] {
  return [
    `error: GH013: Repository rule violations found for ${ref}.`,
    "",
    `- ${signatureWords}`,
    `  Found ${unsigned.length} violation${unsigned.length === 1 ? "" : "s"}:`,
    "",
    ...unsigned.map(({ sha }) => `  ${sha}`),
    "",
  ];
}

async function beginningOf(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxHeadBytes), 0, maxHeadBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
