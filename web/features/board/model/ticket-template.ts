/** The headings of a description that leaves no question open. */
const headings = [
  "Context",
  "Goal and acceptance criteria",
  "Constraints",
  "Out of scope",
  "Definition of done",
  "Test plan",
] as const;

/** The text that a description is begun with: the headings, with room under each. */
export const ticketTemplate = headings.map((heading) => `## ${heading}\n\n`).join("\n");

/** Where the first words go: under the first heading, in UTF-16 units. */
export const templateStart = ticketTemplate.indexOf("\n") + 1;
