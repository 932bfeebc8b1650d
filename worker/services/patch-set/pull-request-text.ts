import type { ProposedText } from "../../../domain/patch-set/content-hash.ts";
import { lawfulMarkdown, summaryCut } from "../../../domain/text/forge-text.ts";

/** A forge takes 65,536 characters: the evidence stays whole, and the summary is cut to the room beside it. */
const maxBodyCharacters = 65_000;

/** The whole text of a patch set's pull request: the approved summary, then the evidence that the run's record gives. */
export function pullRequestText({
  evidence,
  text,
}: {
  readonly text: Pick<ProposedText, "summary">;
  readonly evidence: string;
}): string {
  const room = Math.max(0, maxBodyCharacters - evidence.length);
  return `${lawfulMarkdown(text.summary, room, summaryCut)}${evidence}`.slice(0, maxBodyCharacters);
}
