import type { NewTicket } from "./client.ts";

export const sampleOwner = "lime-labs";

/** The library, which is the project's primary repository, and the program that uses it; `folder` is where their files are. */
export const sampleRepositories = [
  { name: "lime-units", folder: "local/sample", description: "Durations, byte sizes, relative times and plurals" },
  { name: "lime-report", folder: "local/sample-app", description: "A table of builds, written with lime-units" },
] as const;

/** The project that a new deployment begins with. */
export const sampleProject = {
  key: "LIME",
  name: "Lime units",
  description: "The small library that other Lime Labs products format their numbers with.",
} as const;

const durationBug = `\`parseDuration\` drops the last part of a duration that has more than one, so a timeout of "1h 30m" ends after an hour.
The README and the changelog of 1.1.0 promise that several parts work.

\`\`\`js
import assert from "node:assert/strict";
import { parseDuration } from "lime-units";

assert.equal(parseDuration("1h 30m"), 5_400_000); // is 3_600_000
assert.equal(parseDuration("2d 4h 30m"), 189_000_000); // is 187_200_000
\`\`\`

Durations of one part, such as "45m", are right.`;

/** Title of the ticket that needs both repositories. */
export const bothRepositoriesTitle =
  "Rename formatRelative to formatDistance everywhere, in the library and in the report";

/** The tickets of the sample project: a real bug, a feature, and work at other places of the board. */
export const sampleTickets: readonly NewTicket[] = [
  {
    type: "bug",
    title: 'parseDuration("1h 30m") loses the minutes',
    description: durationBug,
    acceptanceCriteria:
      "- The examples above hold\n- A regression test covers durations of several parts\n- All other tests stay green",
    column: "todo",
    priority: "high",
    labels: ["bug", "durations"],
  },
  {
    type: "task",
    title: "Rename formatBytes to formatSize everywhere",
    description:
      "Rename `formatBytes` to `formatSize` everywhere: in the source, the exports, the tests and the README. The other functions of the\n" +
      "library are named after what they show, not after what they take; nobody outside Lime Labs uses it yet, so no alias is kept.",
    acceptanceCriteria:
      "- `formatSize` is exported and documented\n- `formatBytes` occurs nowhere\n- All tests are green",
    column: "todo",
    priority: "medium",
    labels: ["api"],
  },
  {
    type: "story",
    title: "Read ISO 8601 durations",
    description: 'Calendars hand us durations as "PT1H30M". `parseDuration` should read them too.',
    acceptanceCriteria: '- "PT1H30M" is 5400000\n- Years and months are refused: they have no fixed length',
    column: "backlog",
    priority: "low",
    labels: ["durations"],
  },
  {
    type: "task",
    title: "Say in the README which Node versions are tested",
    description: "package.json names Node 18 and later; the workflow runs one version only.",
    acceptanceCriteria: "- README and workflow agree",
    column: "in_progress",
    priority: "low",
    labels: ["docs"],
  },
  {
    type: "task",
    title: "Add joinWords for lists in sentences",
    description: '`joinWords(["a", "b", "c"])` makes "a, b and c".',
    acceptanceCriteria: "- Released in 1.3.0",
    column: "done",
    priority: "medium",
    labels: ["api"],
  },
  {
    type: "story",
    title: bothRepositoriesTitle,
    description:
      "`formatRelative` tells how far away a time is, in the past as in the future: relative to what, its name doesn't say. Rename\n" +
      "`formatRelative` to `formatDistance` in lime-units and in lime-report, which writes its last column with it. The old name\n" +
      "goes, so this is a new major version of lime-units, and lime-report asks for that one.",
    acceptanceCriteria:
      "- `formatRelative` occurs nowhere in code, tests and READMEs of both\n- lime-units is 2.0.0, with an entry in its changelog\n" +
      '- lime-report depends on "^2.0.0"\n- All tests of both are green',
    column: "todo",
    priority: "medium",
    labels: ["api", "both repositories"],
  },
];
