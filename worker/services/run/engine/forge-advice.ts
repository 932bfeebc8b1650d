/**
 * The advice to a person about a forge's refusal to let a run reach its repository, by the code of the PortError; undefined for a refusal
 * that is about something else.
 *
 * @param named the repository as the run shows it
 */
export function accessAdvice(code: string, named: string): string | undefined {
  return advice[code]?.(named);
}

const advice: Readonly<Record<string, (named: string) => string>> = {
  repository_gone: (named) =>
    `The GitHub App does not reach ${named} any more: it was deleted, transferred to another account, or taken out of the App's installation. Give the App access to it at GitHub and sync the connector, then resume.`,
  wrong_repository: (named) =>
    `The name ${named} belongs to another repository now, so nothing was read from it or written to it. Sync the connector, then resume.`,
  not_visible: (named) =>
    `The person who started or approved this run can't see ${named} at GitHub any more, so nothing more was read from it or written to it. Give them access at GitHub, then resume; or let a person who has access start the run anew.`,
  sign_in_expired: (named) =>
    `GitHub does not accept the sign-in of the person who started or approved this run any more, so it can't be checked that they may see ${named}. Let them sign out and sign in again, then resume.`,
  installation_gone: (named) =>
    `The GitHub App is not installed at the owner of ${named} any more. Install it there and connect it again, then resume.`,
  installation_suspended: (named) =>
    `The GitHub App's installation at the owner of ${named} is suspended. Let an owner of that account take the suspension back, then resume.`,
};

/**
 * A forge's own words out of the message of its PortError, as one line: `what: 422 words` without what was tried. Empty when it said nothing.
 */
export function forgeWords(message: string): string {
  return (/^[^:]*: [45]\d\d (.*)$/su.exec(message)?.[1] ?? "").replace(/\s+/gu, " ").trim();
}

/** Advice against a refused write, by the forge's own words; the first row that fits counts. */
const writeAdviceRows: readonly (readonly [RegExp, string])[] = [
  [
    /no commits between/iu,
    "The base branch has these changes already, so there is nothing to open a pull request for. Close the run, or start it anew on today's base.",
  ],
  [
    /verified signature|signed commits?|unsigned/iu,
    "A rule of the repository asks for signed commits. Let an administrator except the GitHub App from the rule, or lift it for this branch, then resume.",
  ],
  [
    /cannot lock ref|reference (?:update failed|name)|refname conflict|exists; cannot create/iu,
    "A branch whose name is a part of this one's, such as one named like its first folder, is in the way: git keeps no branch inside of another. The name that would be taken instead is not free either. Rename or delete that branch, then resume; the approval of the name stays.",
  ],
  [
    /body is too long|too long \(maximum/iu,
    "The pull request's text is longer than the forge takes. Start the run anew and ask for a shorter summary.",
  ],
  [
    /protected branch|rule violations?|repository rule|push declined/iu,
    "A rule of the repository forbids it. Let an administrator except the GitHub App from the rule, then resume.",
  ],
  [/archived/iu, "The repository is archived. Unarchive it at the forge, then resume."],
  [
    /not accessible by integration|permission/iu,
    "The GitHub App lacks a permission. Give it at the App's settings and accept it for the installation, then resume.",
  ],
];

/** The advice to a person about a refused write, by the forge's own words. */
export function writeAdvice(words: string): string {
  return writeAdviceRows.find(([pattern]) => pattern.test(words))?.[1] ?? "Resume tries again.";
}
