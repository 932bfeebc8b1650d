import { fixBug } from "./repair/bugfix.ts";
import { readRename, renameEverywhere } from "./rename/rename.ts";
import { inFolder } from "./folders.ts";
import { likeliestFolder } from "./mentions.ts";
import { placesOf } from "./request.ts";
import type { AgentRequest } from "./request.ts";
import { runAllTests } from "./survey.ts";
import { addTest, asksForTest } from "./tasks/add-test.ts";
import { readRelease, release } from "./tasks/release.ts";
import { readExamples } from "./testing/examples.ts";
import { decline, finish, signature } from "./work.ts";
import type { Work } from "./work.ts";

/** Chooses among the small tasks that can be done by search; declines the rest. */
export function* coder(request: AgentRequest): Work {
  const rename = request.mode?.needsRegressionTest === true ? undefined : readRename(request.prompt);
  if (rename !== undefined) return yield* renameEverywhere(rename, placesOf(request));
  if (request.folders.length === 0) return yield* oneRepository(request);
  // All other tasks know one repository: they work in the one that the request speaks of most.
  const folder = yield* likeliestFolder(request);
  yield* inFolder(folder, oneRepository({ ...request, testCommand: undefined, folders: [] }));
}

function* oneRepository(request: AgentRequest): Work {
  if (request.mode?.needsRegressionTest === true) return yield* fixBug(request);
  const wanted = readRelease(request.prompt);
  if (wanted !== undefined) return yield* release(wanted);
  if (asksForTest(request.prompt)) return yield* addTest(request);
  const soundsLikeBug =
    /\b(?:fix|repair|bug|broken|fail(?:s|ing|ed)?|wrong|regression|incorrect|crash(?:es)?)\b/iu.test(request.prompt);
  if (soundsLikeBug || readExamples(request.prompt).length > 0) return yield* fixBug(request);
  yield* decline("Beyond the demo agent", cannot);
}

const cannot = [
  "Thank you for the request. I can't do it: there is no model behind this agent, only search. What I can do:",
  [
    '- make failing tests pass (mode bugfix, or "fix the failing tests");',
    "- repair a bug that an example shows: `parseDuration('1h 30m')` should return `5400000`;",
    "- rename: rename `formatBytes` to `formatSize`;",
    "- add a test from an example: add a test that `clamp(5, 0, 3)` returns `3`;",
    "- bump the version to 1.2.3 and add a CHANGELOG entry: what changed.",
  ].join("\n"),
  "With an API key of Anthropic or OpenAI the same run goes to a real model.",
].join("\n\n");

/** Runs the tests again when the work is sent back after `finish`; without a model the agent can't follow free text. */
export function* afterFinish(request: AgentRequest): Work {
  for (;;) {
    const runs = yield* runAllTests(
      "The work was sent back. I can't act on free text (no model), so I only run the tests again.",
      placesOf(request),
    );
    const failed = runs.find(({ code }) => code !== 0);
    const passes = failed === undefined;
    yield* finish("I finish again.", {
      title: passes ? "Keep the change as it is" : "Leave the change to a person",
      summary: `The work was sent back with remarks in words. I can't act on those, so the change is as it was. The tests ${passes ? "pass" : `fail (exit code ${failed.code ?? "none"})`}.\n\n${signature}`,
      outcome: passes ? "done" : "declined",
    });
  }
}
