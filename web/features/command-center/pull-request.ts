interface Named {
  readonly owner: string;
  readonly name: string;
}

/** A pull request that was typed: its number, or the reason why it is none. `repository` is the one that a pasted address names. */
export interface PullRequestInput {
  readonly number?: number;
  readonly repository: Named | null;
  readonly problem: string | null;
}

/** Reads `12`, `#12` or an address such as `https://github.com/owner/name/pull/12/files`, which has to be of the chosen repository. */
export function readPullRequest(typed: string, repository: Named | null): PullRequestInput {
  const text = typed.trim();
  if (text === "") return { repository: null, problem: "Say which pull request to review: its number or its address." };
  const plain = /^#?([1-9]\d{0,8})$/u.exec(text)?.[1];
  if (plain !== undefined) return { number: Number(plain), repository: null, problem: null };
  const [, owner, name, digits] =
    /^https?:\/\/[^/\s]+\/([^/\s]+)\/([^/\s]+)\/pull\/([1-9]\d{0,8})(?:[/?#]|$)/u.exec(text) ?? [];
  if (owner === undefined || name === undefined || digits === undefined)
    return { repository: null, problem: "That is no pull request: give its number, such as 12, or its address." };
  const named = { owner, name };
  if (repository === null || !isSame(named, repository))
    return {
      repository: named,
      problem: `That pull request is in ${owner}/${name}, which is not the chosen repository.`,
    };
  return { number: Number(digits), repository: named, problem: null };
}

/** Whether two names mean one repository; a forge ignores case. */
export function isSame(one: Named, other: Named): boolean {
  return `${one.owner}/${one.name}`.toLowerCase() === `${other.owner}/${other.name}`.toLowerCase();
}

/** The prompt of a review when a person adds nothing. */
export function reviewPrompt(number: number): string {
  return `Review pull request #${number}.`;
}
