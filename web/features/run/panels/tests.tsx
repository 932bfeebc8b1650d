import { FlaskConical } from "lucide-react";
import type { ReactNode } from "react";
import type { TestCases, TestFinding, TestReport, TestSuite } from "../../../../contracts/test-report.ts";
import { suiteText } from "../../../../contracts/test-words.ts";
import { Tag } from "../../../components/ui/badges.tsx";
import { Empty } from "../../../components/ui/notices.tsx";
import { TimeAgo } from "../../../components/ui/time.tsx";
import { formatDuration } from "../../../lib/format.ts";
import type { DatedTests } from "../model/history.ts";

/** Test reports, newest first: before the change, after it, and the new tests alone on the base. */
export function TestsPanel({ tests }: { tests: readonly DatedTests[] }) {
  if (tests.length === 0) {
    return (
      <Empty icon={<FlaskConical aria-hidden />} title="No test report yet">
        The tester runs the repository’s tests with the change and without it; a bug fix must bring a test that fails
        without it.
      </Empty>
    );
  }
  return (
    <div className="flex h-full flex-col gap-6 overflow-y-auto p-4">
      {tests.toReversed().map(({ atMs, report }) => (
        <section key={atMs} className="flex flex-col gap-4">
          <p className="flex flex-wrap items-center gap-2 text-xs text-muted">
            {report.command === null ? (
              "The repository has no test command"
            ) : (
              <code className="rounded bg-hover px-1.5 py-0.5 font-mono text-text">{report.command}</code>
            )}
            <TimeAgo atMs={atMs} className="ml-auto" />
          </p>
          {report.findings.length > 0 && <Findings findings={report.findings} />}
          {report.cases !== null && <Cases cases={report.cases} />}
          {report.after !== null && <Suite title="With the change" suite={report.after} />}
          {report.held !== null && <Held held={report.held} />}
          {report.before !== null && <Suite title="Before the change" suite={report.before} />}
          {report.regression !== null && (
            <Result
              title="New tests on the old code"
              tone={report.regression.failedOnBase ? "green" : "red"}
              word={report.regression.failedOnBase ? "fail, as they must" : "pass, so they prove nothing"}
              output={report.regression.outputTail}
            >
              <p className="font-mono text-xs break-all text-muted">{report.regression.paths.join(", ")}</p>
            </Result>
          )}
        </section>
      ))}
    </div>
  );
}

/** Green takes tests that ran: an exit code alone proves nothing. */
function suiteTone({ exitCode, ran }: TestSuite): "green" | "red" | "amber" {
  if (exitCode !== 0) return "red";
  return ran !== null && ran.passed > 0 && ran.failed === 0 ? "green" : "amber";
}

function Suite({ suite, title }: { suite: TestSuite; title: string }) {
  return (
    <Result
      title={title}
      tone={suiteTone(suite)}
      word={suiteText(suite)}
      durationMs={suite.durationMs}
      output={suite.outputTail}
    />
  );
}

/** The base's own tests against the patch; a run of their own only where the change touches tests or how they run. */
function Held({ held }: { held: NonNullable<TestReport["held"]> }) {
  if (held.leftOut.length === 0) return null;
  const gone = held.cases?.removed ?? [];
  return (
    <Result
      title="The tests of before on the new code"
      tone={gone.length > 0 && held.exitCode === 0 ? "amber" : suiteTone(held)}
      word={suiteText(held)}
      durationMs={held.durationMs}
      output={held.outputTail}
    >
      <p className="text-muted">
        Run without the change’s edits to <span className="font-mono text-xs">{held.leftOut.join(", ")}</span>.
        {gone.length > 0 && ` Not seen to run: ${gone.join(", ")}.`}
      </p>
    </Result>
  );
}

/** Places in which the change touches tests that were there, or how they are run. */
function Findings({ findings }: { findings: readonly TestFinding[] }) {
  return (
    <div>
      <h2 className="mb-1.5 font-medium">The change touches the proof itself</h2>
      <p className="text-muted">So tests alone can’t say that it is right: a person decides.</p>
      <ul className="mt-1 ml-4 list-disc">
        {findings.map(({ line, message, path }, index) => (
          <li key={`${path}${index}`} className="break-words">
            <span className="font-mono text-xs">
              {path}
              {line !== null && `:${line}`}
            </span>{" "}
            {message}
          </li>
        ))}
      </ul>
    </div>
  );
}

const caseKinds = [
  { key: "broken", label: "Broken by the change", tone: "red" },
  { key: "addedFailing", label: "New and failing", tone: "red" },
  { key: "fixed", label: "Fixed by the change", tone: "green" },
  { key: "added", label: "New", tone: "green" },
  { key: "removed", label: "No longer run", tone: "amber" },
  { key: "stillFailing", label: "Failing as before", tone: "amber" },
] as const;

/** The tests that changed, by name; broken ones first. */
function Cases({ cases }: { cases: TestCases }) {
  const { after, before } = cases;
  const changed = caseKinds.filter(({ key }) => cases[key].length > 0);
  return (
    <div>
      <h2 className="mb-1.5 flex flex-wrap items-center gap-2 font-medium">
        Tests that changed
        <span className="tabular text-xs font-normal text-muted">
          {before.passed} of {before.passed + before.failed} passed before, {after.passed} of{" "}
          {after.passed + after.failed} with the change
        </span>
      </h2>
      {changed.length === 0 ? (
        <p className="text-muted">Each test ends as it did before.</p>
      ) : (
        <ul className="flex flex-col gap-2">
          {changed.map(({ key, label, tone }) => (
            <li key={key}>
              <details open={key !== "added" || cases.added.length <= 5}>
                <summary className="cursor-pointer">
                  <Tag tone={tone}>
                    {cases[key].length} {label.toLowerCase()}
                  </Tag>
                </summary>
                <ul className="mt-1 ml-4 list-disc font-mono text-xs leading-5 break-words">
                  {cases[key].map((name) => (
                    <li key={name}>{name}</li>
                  ))}
                </ul>
              </details>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface ResultProps {
  readonly title: string;
  readonly tone: "green" | "red" | "amber";
  readonly word: string;
  readonly durationMs?: number;
  readonly output: string;
  readonly children?: ReactNode;
}

function Result({ title, tone, word, durationMs, output, children }: ResultProps) {
  return (
    <div>
      <h2 className="mb-1.5 flex items-center gap-2 font-medium">
        {title}
        <Tag tone={tone}>{word}</Tag>
        {durationMs !== undefined && (
          <span className="tabular text-xs font-normal text-muted">{formatDuration(durationMs)}</span>
        )}
      </h2>
      {children}
      <pre
        tabIndex={0}
        aria-label={`Output: ${title}`}
        className="mt-1 max-h-80 overflow-auto rounded-lg border border-line bg-panel px-3 py-2 font-mono text-xs leading-5 break-words whitespace-pre-wrap"
      >
        {output.trim() === "" ? <span className="text-muted">no output</span> : output}
      </pre>
    </div>
  );
}
