import type { Connector } from "../../contracts/connector.ts";

/** How many of an installation's repositories the person sees, and why not all of them, in sentences. Null when there is nothing to say. */
export function visibilityText({ accountLogin, repositoryCount, visibility }: Connector): string | null {
  if (visibility === null) return null;
  const { problem, seenCount, state } = visibility;
  const of = `${seenCount} of its ${repositoryCount} ${repositoryCount === 1 ? "repository" : "repositories"}`;
  const why = problem === null ? "" : ` ${problem}`;
  switch (state) {
    case "member":
      return seenCount === repositoryCount
        ? `You see ${repositoryCount === 1 ? "its repository" : `all its ${repositoryCount} repositories`}.${why}`
        : `You see ${of}: the public ones, and the private ones that GitHub shows your account.${why}`;
    case "outside":
      return `You see ${of}, the public ones: your GitHub account is not let into ${accountLogin}. Ask an owner of ${accountLogin} for access at GitHub, then check again.${why}`;
    case "unknown":
      return `You see ${of}, the public ones: GitHub has not answered yet which private ones your account sees.${why === "" ? " Check again in a moment." : why}`;
  }
}

/** Repositories of a project that the person does not see, in a sentence; null when there are none. */
export function hiddenText(count: number): string | null {
  if (count === 0) return null;
  const more =
    count === 1 ? "One more repository of this project is" : `${count} more repositories of this project are`;
  return `${more} private, and GitHub does not show ${count === 1 ? "it" : "them"} to your account.`;
}
