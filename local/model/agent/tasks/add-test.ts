import type { AgentRequest } from "../request.ts";
import { runTests, survey } from "../survey.ts";
import { readExamples } from "../testing/examples.ts";
import { writeTest } from "../testing/regression.ts";
import { callOne, decline, finish, signature, tool } from "../work.ts";
import type { Work } from "../work.ts";

/** Whether a request asks for tests and gives examples to make them from. */
export function asksForTest(prompt: string): boolean {
  return /\b(?:add|write|create)\b[^.\n]{0,40}\btests?\b/iu.test(prompt) && readExamples(prompt).length > 0;
}

/** Writes the request's examples as a test; keeps it only if it passes. */
export function* addTest(request: AgentRequest): Work {
  const seen = yield* survey("I run the tests first and look around.");
  const examples = readExamples(request.prompt);
  const written = yield* writeTest(
    examples,
    seen,
    request.testCommand ?? seen.manifest.scripts?.["test"] ?? "node --test",
  );
  if (typeof written === "string") return yield* decline("No test added", written);
  const after = yield* runTests("I run the tests with the new one.");
  if (after.code !== 0) {
    yield* written.undo();
    const why =
      seen.tests.code === 0
        ? "The code does not do what the examples say, so the new test fails. To have that repaired, ask for a bug fix."
        : "The suite failed already before.";
    return yield* decline("The test fails", `${why} I took the test back.`);
  }
  yield* callOne("It passes. This is the change:", tool("git_diff", {}));
  const list = examples.map(
    (example) =>
      `- \`${example.kind === "assertion" ? example.code : example.call}\`${example.kind === "returns" ? ` returns \`${example.expected}\`` : example.kind === "throws" ? ` throws \`${example.error}\`` : ""}`,
  );
  yield* finish("Done.", {
    title: `Test ${examples.at(0)?.callee ?? "behaviour"} by example`,
    summary: `Added to \`${written.path}\`:\n\n${list.join("\n")}\n\nThe whole suite passes.\n\n${signature}`,
    outcome: "done",
  });
}
