import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import { runVerdict } from "../../../../../domain/gates/tests.ts";
import { testsFailedMessage } from "../../../../../domain/instruction/prompts.ts";
import { applyEvent, type RunView } from "../../../../../domain/run/fold.ts";
import { chosenLanes, hasFolders } from "../../../../../domain/run/lanes.ts";
import { reportText } from "../../../../../domain/run/test-report-text.ts";
import { artifactEvent } from "../artifacts.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { facts } from "../facts.ts";
import { testLanes, type LaneReport } from "../lane-tests.ts";
import { move } from "../../../../../domain/run/move.ts";
import { stageFinished } from "../stage-finished.ts";

/**
 * The tester: runs the tests of every repository that changed on fresh checkouts of the bases, without and with the patch sets' bytes.
 * No model takes part. Failing tests send the work back to the coder, a bounded number of times.
 */
export async function test(context: StepContext): Promise<StepOutcome> {
  const { deps, epoch, journal } = context;
  const view = journal.view();
  const lanes = chosenLanes(view);
  const changed = lanes.filter(({ id }) => journal.work(id).length > 0);
  // Where nothing changed, the first repository's report says so.
  const reports = await testLanes(context, changed.length === 0 ? lanes.slice(0, 1) : changed);
  if (context.signal.aborted) return "again";
  const verdict = runVerdict(
    view.mode,
    reports.map(({ report }) => report),
  );
  const events: NewRunEvent[] = [
    ...reports.map(({ lane, report }): NewRunEvent => ({
      type: "tests.reported",
      data: { repositoryId: lane.id, ...report },
    })),
    testDocument(view, reports),
    stageFinished(context, "tester", verdict, null),
  ];
  const after = events.reduce<RunView>((folded, event) => applyEvent(folded, { ...event, atMs: 0 }), view);
  const done = facts.endedSuites.write(null);
  if (verdict !== "fail") {
    journal.commit({ events: [...events, move(after, "stage_passed").event], facts: done }, epoch);
    return "again";
  }
  const back = move(after, "tests_failed", "The tests do not prove the change.");
  const messages = [{ conversation: "coder", message: failedMessage(view, reports) }];
  if (!back.ok) {
    const cause =
      "The tests still fail after the work went back to the coder. Look at the test report; resume gives the coder another try.";
    const givenUp = move(after, "tests_given_up", cause).event;
    journal.commit({ events: [...events, back.event, givenUp], messages, facts: done }, epoch);
    return "again";
  }
  journal.commit({ events: [...events, back.event], messages, facts: done }, epoch);
  deps.log("info", "tests failed; back to the coder", { runId: journal.spec.runId });
  return "again";
}

function testDocument(view: RunView, reports: readonly LaneReport[]): NewRunEvent {
  const [first] = reports;
  const isSeveral = hasFolders(view);
  const markdown = reports.map(({ lane, report }) =>
    isSeveral ? `### ${lane.owner}/${lane.name}\n\n${reportText(report)}` : reportText(report),
  );
  return artifactEvent(view, {
    kind: "test_report",
    title: "Test report",
    markdown: markdown.join("\n\n"),
    data: isSeveral
      ? { repositories: reports.map(({ lane, report }) => ({ repositoryId: lane.id, ...report })) }
      : { ...first?.report },
  });
}

function failedMessage(
  view: RunView,
  reports: readonly LaneReport[],
): { readonly role: "user"; readonly blocks: readonly [{ readonly type: "text"; readonly text: string }] } {
  const failed = reports.filter(({ report }) => runVerdict(view.mode, [report]) === "fail");
  const text = failed
    .map(({ lane, report }) =>
      hasFolders(view) ? `In ${lane.folder}: ${testsFailedMessage(report)}` : testsFailedMessage(report),
    )
    .join("\n\n");
  return { role: "user", blocks: [{ type: "text", text }] };
}
