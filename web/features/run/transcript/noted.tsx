import {
  Box,
  CircleAlert,
  CircleCheck,
  FlaskConical,
  Info,
  ListChecks,
  PackageCheck,
  PencilLine,
  ShieldAlert,
  ShieldCheck,
  UserCheck,
} from "lucide-react";
import { memo } from "react";
import { ImageStrip } from "../../../components/image-strip.tsx";
import { CodeSpans } from "../../../components/code-spans.tsx";
import { Markdown } from "../../../components/markdown.tsx";
import { ActorAvatar, Tag } from "../../../components/ui/badges.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { OutLink } from "../../../components/ui/out-link.tsx";
import { formatBytes, formatDuration, plural, shortHash } from "../../../lib/format.ts";
import { modeLabels, stateLabel, stateTone } from "../../../lib/words.ts";
import { gateOutcome } from "../model/gate-outcome.ts";
import { Cause } from "../cause.tsx";
import type { NotedRow } from "../model/rows.ts";
import { GateMark } from "../panels/gate-dots.tsx";
import type { LaneEvent } from "./lane-rows.tsx";
import { Line, Quiet } from "./line.tsx";
import type { PullEvent } from "./pull-rows.tsx";
import type { SteeringEvent } from "./steering-rows.tsx";

/**
 * The events shown here: those that people and documents make are in steering-rows.tsx, those about all lanes in lane-rows.tsx, those about pull
 * requests in pull-rows.tsx.
 */
type Shown = Exclude<NotedRow["event"], LaneEvent | PullEvent | SteeringEvent>;

const longHash = /\b([0-9a-f]{10})[0-9a-f]{30,54}\b/g;

/** An event that isn't talk or a tool call, on a line of its own. */
export const Noted = memo(function Noted({ event }: { event: Shown }) {
  switch (event.type) {
    case "run.created":
      return <Request data={event.data} />;
    case "run.state_changed":
      return <StateLine data={event.data} />;
    case "run.event_refused":
      return <Line icon={<CircleAlert className="text-amber" />}>Refused: {event.data.reason}</Line>;
    case "stage.finished":
      return <Report report={event.data.report} />;
    case "sandbox.opened":
      return (
        <Line icon={<Box />}>
          Sandbox {event.data.restored ? "restored" : "opened"} <Quiet>{event.data.driver}</Quiet>
        </Line>
      );
    case "repository.seeded":
      return (
        <Line icon={<PackageCheck />}>
          Repository unpacked{" "}
          <Quiet>
            {plural(event.data.fileCount, "file")}, {formatBytes(event.data.sizeBytes)} at{" "}
            <code className="font-mono">{shortHash(event.data.baseCommit)}</code>,{" "}
            {formatDuration(event.data.durationMs)}
          </Quiet>
        </Line>
      );
    case "tests.reported": {
      const { after } = event.data;
      const passed = after !== null && after.exitCode === 0;
      const ran = passed && after.ran !== null && after.ran.passed > 0;
      return (
        <Line icon={<FlaskConical className={ran ? "text-green" : after === null || passed ? "" : "text-red"} />}>
          {ran ? "Tests pass" : after === null || passed ? "No test was seen to run" : "Tests fail"}{" "}
          <Quiet>
            {after !== null && formatDuration(after.durationMs)}
            {event.data.before !== null && `, ${event.data.before.exitCode === 0 ? "passed" : "failed"} before`}
            {event.data.regression?.failedOnBase === true && ", the new test fails without the change"}
          </Quiet>
        </Line>
      );
    }
    case "review.submitted": {
      const { verdict, summary, findings } = event.data;
      return (
        <Line
          icon={<ListChecks className={verdict === "approve" ? "text-green" : "text-amber"} />}
          more={<Markdown text={summary} className="text-soft" />}
        >
          {verdict === "approve" ? "The reviewer approves" : "The reviewer wants changes"}{" "}
          <Quiet>{findings.length > 0 && plural(findings.length, "finding")}</Quiet>
        </Line>
      );
    }
    case "patch_set.proposed": {
      const additions = event.data.patches.reduce((sum, patch) => sum + patch.additions, 0);
      const deletions = event.data.patches.reduce((sum, patch) => sum + patch.deletions, 0);
      return (
        <Line icon={<PencilLine />}>
          Patch set {event.data.version} proposed{" "}
          <Quiet>
            {plural(event.data.patches.length, "file")}, <span className="text-green">+{additions}</span>{" "}
            <span className="text-red">−{deletions}</span>,{" "}
            <code className="font-mono">{shortHash(event.data.hash, 10)}</code>
          </Quiet>
        </Line>
      );
    }
    case "policy.evaluated": {
      const blocks = event.data.violations.filter((violation) => violation.severity === "BLOCK").length;
      const warnings = event.data.violations.length - blocks;
      const Icon = blocks > 0 ? ShieldAlert : ShieldCheck;
      return (
        <Line icon={<Icon className={blocks > 0 ? "text-red" : warnings > 0 ? "text-amber" : "text-green"} />}>
          {blocks > 0 ? "Policy blocks it" : "Policy passed"}{" "}
          <Quiet>
            {[blocks > 0 && `${blocks} BLOCK`, warnings > 0 && `${warnings} WARN`].filter(Boolean).join(", ")}
          </Quiet>
        </Line>
      );
    }
    case "gate.evaluated": {
      const outcome = gateOutcome(event.data);
      return (
        <Line icon={<GateMark outcome={outcome} />}>
          Gate {event.data.gate} {outcome}{" "}
          <Quiet>
            {event.data.evidence[0] !== undefined &&
              `${event.data.evidence[0].label}: ${event.data.evidence[0].value.replace(longHash, "$1")}`}
          </Quiet>
        </Line>
      );
    }
    case "approval.decided": {
      const words = {
        approve: "approved",
        reject: "rejected",
        request_changes: "asked for changes",
      } as const;
      return (
        <Line
          icon={<UserCheck />}
          more={
            event.data.comment === "" ? undefined : (
              <p className="whitespace-pre-wrap text-soft">{event.data.comment}</p>
            )
          }
        >
          <span className="inline-flex items-center gap-1.5">
            <ActorAvatar actor={event.data.by} className="size-4.5" />
            {event.data.by.name} {words[event.data.decision]}
          </span>{" "}
          <Quiet>
            <code className="font-mono">{shortHash(event.data.hash, 10)}</code>
          </Quiet>
        </Line>
      );
    }
    case "write.finished": {
      // The next line shows it with a link.
      if (event.data.kind === "pull_request") return null;
      const words = {
        commit: "Commit written",
        branch: "Branch written",
        pull_request: "Pull request written",
        pull_request_links: "Pull request linked to the others",
        review: "Review posted",
      } as const;
      return (
        <Line icon={<CircleCheck className="text-green" />}>
          {words[event.data.kind]}{" "}
          <Quiet>
            {event.data.url === null ? (
              event.data.reference
            ) : (
              <OutLink href={event.data.url}>{event.data.reference}</OutLink>
            )}
          </Quiet>
        </Line>
      );
    }
    case "notice": {
      const tone = { info: "", warning: "text-amber", error: "text-red" }[event.data.level];
      return (
        <Line icon={event.data.level === "info" ? <Info /> : <CircleAlert className={tone} />}>
          <CodeSpans text={event.data.message} />
        </Line>
      );
    }
  }
});

function Request({ data }: { data: Extract<Shown, { type: "run.created" }>["data"] }) {
  // Events from before images existed have no such field.
  const images = data.images ?? [];
  const { paths, tools } = data.constraints ?? { paths: null, tools: null };
  const constrained = [
    ...(paths === null ? [] : [`May change only ${paths.join(", ")}.`]),
    ...(tools === null ? [] : [`May use only ${tools.map((tool) => tool.replaceAll("_", " ")).join(", ")}.`]),
  ].join(" ");
  return (
    <div className="mt-4 mb-2 rounded-xl border border-line bg-card px-3.5 py-3">
      <p className="mb-1.5 flex flex-wrap items-center gap-1.5 text-xs text-muted">
        <ActorAvatar actor={data.startedBy} className="size-4.5" />
        {data.startedBy.name}
        <Tag>{modeLabels[data.mode]}</Tag>
        <Tag>{data.model}</Tag>
        {data.ticket !== null && <Tag>{data.ticket.key}</Tag>}
      </p>
      <p className="max-h-72 overflow-y-auto text-base break-words whitespace-pre-wrap">{data.prompt}</p>
      {constrained !== "" && <p className="mt-1.5 text-xs text-muted">{constrained}</p>}
      {images.length > 0 && <ImageStrip images={images} />}
    </div>
  );
}

function Report({ report }: { report: Extract<Shown, { type: "stage.finished" }>["data"]["report"] }) {
  if (report === null) return null;
  return (
    <div className="my-2 rounded-xl border border-line bg-card px-3.5 py-3">
      <p className="font-semibold">{report.title}</p>
      <Markdown text={report.summary} className="mt-1 text-soft" />
    </div>
  );
}

function StateLine({ data }: { data: Extract<Shown, { type: "run.state_changed" }>["data"] }) {
  const tone = {
    working: "text-lime-text",
    attention: "text-amber",
    good: "text-green",
    bad: "text-red",
    quiet: "text-muted",
  }[stateTone(data.to)];
  return (
    <div className="flex items-start gap-2 py-2">
      <span className={cx("shrink-0 font-semibold", tone)}>{stateLabel(data.to)}</span>
      {data.cause !== null && <Cause state={data.to} text={data.cause} className="min-w-0 text-soft" />}
    </div>
  );
}
