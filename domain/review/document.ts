import type { Review } from "../../contracts/run-events.ts";
import type { PullFile, ReviewComment, ReviewDocument } from "../../contracts/review.ts";
import { canonicalJson } from "../canonical-json.ts";
import { sha256Hex } from "../hash.ts";
import { fence } from "../instruction/prompts.ts";
import { redactSecrets } from "../policy/secrets.ts";
import { lawfulMarkdown } from "../text/forge-text.ts";
import { showsLines } from "./hunks.ts";

/** A forge takes 65,536 characters; the marker and the cut need some. */
const maxBodyCharacters = 60_000;

type Finding = Review["findings"][number];

/**
 * A submitted review as it would be posted. Findings on lines that the diff shows become inline comments, with their
 * suggestion; all others stand in the body, since a forge refuses a whole review for one line outside of the diff.
 * Credentials are hidden, HTML is made visible, and mentions are neutralised: a person approves the text that a reader will see.
 */
export function reviewDocument(
  pull: { readonly number: number; readonly commit: string },
  review: Review,
  files: readonly PullFile[],
): ReviewDocument {
  const patches = new Map(files.map(({ patch, path }) => [path, patch]));
  const comments: ReviewComment[] = [];
  const elsewhere: Finding[] = [];
  for (const finding of review.findings) {
    const comment = inlineComment(finding, patches);
    if (comment === undefined) elsewhere.push(finding);
    else comments.push(comment);
  }
  const body = [
    plain(review.summary),
    ...(elsewhere.length === 0 ? [] : ["### Beside the diff", ...elsewhere.map(listed)]),
  ].join("\n\n");
  return {
    pullRequestNumber: pull.number,
    commit: pull.commit,
    body: body.length <= maxBodyCharacters ? body : `${body.slice(0, maxBodyCharacters).toWellFormed()}\n\n[cut]`,
    comments,
  };
}

/** A review's identity, for its approval: SHA-256 hex over the repository and everything that would be posted. */
export function reviewHash(repositoryId: string, review: ReviewDocument): string {
  return sha256Hex(canonicalJson({ format: "assembly-lime-review/1", repositoryId, review }));
}

/** The end of a posted review's body: by it a review whose reply was lost is found again. */
export function reviewMarker(hash: string): string {
  return `<!-- assembly-lime-review ${hash} -->`;
}

/** The first comment whose lines the diff does not show, or undefined: such a review can't be posted any more. */
export function misplacedComment(review: ReviewDocument, files: readonly PullFile[]): ReviewComment | undefined {
  const patches = new Map(files.map(({ patch, path }) => [path, patch]));
  return review.comments.find(
    ({ line, path, startLine }) => !showsLines(patches.get(path) ?? null, startLine ?? line, line),
  );
}

function inlineComment(finding: Finding, patches: ReadonlyMap<string, string | null>): ReviewComment | undefined {
  const { endLine, line, path, suggestion } = finding;
  if (line === null || !showsLines(patches.get(path) ?? null, line, endLine ?? line)) return undefined;
  const last = endLine ?? line;
  return {
    path,
    startLine: last > line ? line : null,
    line: last,
    body: [labelled(finding), ...(suggestion === null ? [] : [fenced(suggestion, "suggestion")])].join("\n\n"),
  };
}

function labelled({ message, severity }: Finding): string {
  return `**${severity}** ${plain(message)}`;
}

function listed(finding: Finding): string {
  const { endLine, line, path, suggestion } = finding;
  const lines = line === null ? "" : `:${line}${endLine === null || endLine === line ? "" : `-${endLine}`}`;
  const place = `\`${path.replaceAll("`", "'").replaceAll("\n", " ")}${lines}\``;
  return [`${place} ${labelled(finding)}`, ...(suggestion === null ? [] : [fenced(suggestion, "")])].join("\n\n");
}

function plain(text: string): string {
  // In code too: a review is found again by the comment at its end.
  return lawfulMarkdown(redactSecrets(text), maxBodyCharacters, "[cut]").replaceAll("<!--", "&lt;!--");
}

/** The fence's own line break ends the last line; no line at all takes the lines away. */
function fenced(text: string, language: string): string {
  if (text === "") return `\`\`\`${language}\n\`\`\``;
  return fence(
    redactSecrets(text)
      .replace(/\r?\n$/u, "")
      .toWellFormed(),
    language,
  );
}
