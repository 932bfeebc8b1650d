/** A ticket's words as the prompt of a run on it. */
export function ticketPrompt({
  acceptanceCriteria,
  description,
  title,
}: {
  readonly title: string;
  readonly description: string;
  readonly acceptanceCriteria: string;
}): string {
  const criteria = acceptanceCriteria.trim();
  const parts = [title, description.trim(), criteria === "" ? "" : `Acceptance criteria:\n${criteria}`];
  return parts.filter((part) => part !== "").join("\n\n");
}
