import type { CoAuthor } from "../../contracts/patch-set.ts";
import { lawfulTitle, trailerValue } from "./forge-text.ts";

/*
 * The message of a commit that the write gate makes. The forge's App is its author and signs it, so the people stand in trailers: the
 * person who approved it, and the one who started the run as co-author.
 */

/**
 * A commit's message: the title, then the trailers in one block, as git reads them. The same arguments give the same text.
 *
 * @param hash the patch set's hash, by which the commit is recognised later
 * @param approver the name of the person who approved it
 */
export function commitMessage(
  { coAuthors, title }: { readonly title: string; readonly coAuthors: readonly CoAuthor[] },
  hash: string,
  approver: string,
): string {
  const trailers = [
    patchSetTrailer(hash),
    `Approved-By: ${trailerValue(approver)}`,
    ...coAuthors.flatMap((each) => coAuthorTrailer(each) ?? []),
  ];
  return `${lawfulTitle(title)}\n\n${trailers.join("\n")}\n`;
}

/** An address that a forge gives a person so that their own stays private: account id, login, and the forge's host. */
const noreplyAddress = /^\d{1,20}\+[A-Za-z0-9][A-Za-z0-9_-]{0,99}@users\.noreply\.[a-z0-9][a-z0-9.-]{0,253}$/u;

/**
 * The line that names a co-author, or undefined where there is none to write: an address that is not a forge's noreply address might
 * be private, and is never written. The name can't end the line or look like an address.
 * https://docs.github.com/en/pull-requests/committing-changes-to-your-project/creating-and-editing-commits/creating-a-commit-with-multiple-authors
 */
export function coAuthorTrailer({ email, name }: CoAuthor): string | undefined {
  if (!noreplyAddress.test(email)) return undefined;
  const shown = trailerValue(name.replace(/[<>]/gu, " "));
  const login = email.slice(email.indexOf("+") + 1, email.indexOf("@"));
  return `Co-authored-by: ${shown === "" ? login : shown} <${email}>`;
}

/** A commit as a forge has it. */
interface CommitFacts {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
}

/**
 * Whether a commit is one that this patch set was written as. The forge dates and signs each commit, so a write that was repeated has
 * made another id; tree, parent and the trailer with the approved hash are the same.
 *
 * @param made the patch set's tree and the commit that it goes on top of
 */
export function isCommitOf(
  { message, parents, tree }: CommitFacts,
  hash: string,
  made: { readonly tree: string; readonly parent: string },
): boolean {
  if (tree !== made.tree || parents.length !== 1 || parents[0] !== made.parent) return false;
  const trailers = message.trimEnd().split("\n\n").at(-1) ?? "";
  return trailers.split("\n").includes(patchSetTrailer(hash));
}

function patchSetTrailer(hash: string): string {
  return `Patch-Set: ${hash}`;
}
