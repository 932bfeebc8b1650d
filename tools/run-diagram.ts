// `npm run diagram`: writes docs/design/run-states.md from the state machine's table. A test fails when the file is behind.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunMode } from "../contracts/run.ts";
import { finalStates } from "../contracts/run.ts";
import { modes } from "../domain/run/modes.ts";
import { maxSendBacks, moves, walkOf, type Move } from "../domain/run/table.ts";

export const diagramPath = join(import.meta.dirname, "../docs/design/run-states.md");

const shown: readonly (readonly [RunMode, string])[] = [
  ["feature", "every stage, then a patch set"],
  ["implement", "a patch set; `bugfix` walks the same way"],
  ["plan", "tickets"],
  ["review", "a posted review"],
];

/** The page with a Mermaid diagram (https://mermaid.js.org/syntax/stateDiagram.html) of each mode's rows. */
export function diagramPage(): string {
  const limits = Object.entries(maxSendBacks).map(([trigger, times]) => `\`${trigger}\` ${times}`);
  return [
    "# The run's state machine",
    "",
    "Made from the table in `domain/run/table.ts` by `npm run diagram`; don't edit it by hand.",
    "",
    `In every state but ${finalStates.map((state) => `\`${state}\``).join(", ")} three more triggers are possible: \`cancelled\` (by a person), \`failed\` (with`,
    "its cause) and `human_needed`, which leads to `NEEDS_HUMAN`; from there `resumed` leads back to where the run came from.",
    `Work goes back at most so often: ${limits.join(", ")}. What is not in the table is refused and recorded.`,
    ...shown.flatMap(([mode, makes]) => [
      "",
      `## ${mode}: ${makes}`,
      "",
      `Stages: ${modes[mode].stages.join(", ")}. Without a hitch: ${walkOf(mode).join(" → ")}.`,
      "",
      "```mermaid",
      "stateDiagram-v2",
      "  [*] --> QUEUED",
      ...moves[mode].map(row),
      ...[...new Set(moves[mode].map(({ to }) => to))].filter(isEnd).map((state) => `  ${state} --> [*]`),
      "```",
    ]),
    "",
  ].join("\n");
}

function row({ from, to, trigger }: Move): string {
  return `  ${from} --> ${to}: ${trigger}`;
}

function isEnd(state: Move["to"]): boolean {
  return finalStates.some((final) => final === state);
}

if (import.meta.main) {
  writeFileSync(diagramPath, diagramPage());
  console.log(`wrote ${diagramPath}`);
}
