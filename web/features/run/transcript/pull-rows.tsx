import { GitBranchMinus, GitMerge, GitPullRequest, GitPullRequestClosed, Workflow } from "lucide-react";
import { memo } from "react";
import { checkClass, type CheckClass } from "../../../../domain/run/ci.ts";
import { OutLink } from "../../../components/ui/out-link.tsx";
import { plural, shortHash } from "../../../lib/format.ts";
import type { NotedRow } from "../model/rows.ts";
import { Line, Quiet } from "./line.tsx";

type PullType =
  | "pull_request.read"
  | "pull_request.opened"
  | "pull_request.updated"
  | "pull_request.close_requested"
  | "pull_request.close_ended"
  | "branch.delete_requested"
  | "branch.delete_ended"
  | "base.moved"
  | "ci.updated"
  | "ci.required";
export type PullEvent = Extract<NotedRow["event"], { type: PullType }>;

const pullTypes: Record<PullType, true> = {
  "pull_request.read": true,
  "pull_request.opened": true,
  "pull_request.updated": true,
  "pull_request.close_requested": true,
  "pull_request.close_ended": true,
  "branch.delete_requested": true,
  "branch.delete_ended": true,
  "base.moved": true,
  "ci.updated": true,
  "ci.required": true,
};

const closeTones = {
  closed: "text-green",
  deleted: "text-green",
  gone: "text-green",
  kept: "text-amber",
  failed: "text-red",
} as const;

const checkTones: Readonly<Record<CheckClass, string>> = {
  running: "",
  passed: "text-green",
  failed: "text-red",
  asks: "text-amber",
  skipped: "",
  uncounted: "",
};

/** True for the events that {@link Pulls} shows. */
export function isOfPulls(event: NotedRow["event"]): event is PullEvent {
  return Object.hasOwn(pullTypes, event.type);
}

/** The run's pull requests and the checks on them. */
export const Pulls = memo(function Pulls({ event }: { event: PullEvent }) {
  switch (event.type) {
    case "pull_request.read":
      return (
        <Line icon={<GitPullRequest />}>
          <OutLink href={event.data.url}>Pull request #{event.data.number}</OutLink> read{" "}
          <Quiet>
            {plural(event.data.files, "file")}, <span className="text-green">+{event.data.additions}</span>{" "}
            <span className="text-red">−{event.data.deletions}</span> at{" "}
            <code className="font-mono">{shortHash(event.data.commit)}</code>
          </Quiet>
        </Line>
      );
    case "pull_request.opened":
      return (
        <Line icon={<GitPullRequest className="text-green" />}>
          <OutLink href={event.data.url}>Pull request #{event.data.number}</OutLink> <Quiet>{event.data.branch}</Quiet>
        </Line>
      );
    case "pull_request.updated": {
      const { headCommit, isBranchDeleted, isConflicting, number, state } = event.data;
      const Icon = state === "merged" ? GitMerge : state === "closed" ? GitPullRequestClosed : GitPullRequest;
      const tone = state === "merged" ? "text-green" : state === "closed" ? "text-red" : "text-amber";
      return (
        <Line icon={<Icon className={tone} />}>
          Pull request #{number} {state === "open" ? "has changed" : `was ${state}`}{" "}
          <Quiet>
            {isBranchDeleted && "its branch was deleted, "}
            {isConflicting && "it conflicts with its base, "}
            head <code className="font-mono">{shortHash(headCommit)}</code>
          </Quiet>
        </Line>
      );
    }
    case "pull_request.close_requested":
      return (
        <Line icon={<GitPullRequestClosed />}>
          {event.data.by.name} closes pull request #{event.data.number}{" "}
          <Quiet>{event.data.deletesBranch && "and its branch goes too"}</Quiet>
        </Line>
      );
    case "pull_request.close_ended":
      return <Line icon={<GitPullRequestClosed className={closeTones[event.data.outcome]} />}>{event.data.text}</Line>;
    case "branch.delete_requested":
      return (
        <Line icon={<GitBranchMinus />}>
          {event.data.by.name} deletes branch <code className="font-mono">{event.data.branch}</code>
        </Line>
      );
    case "branch.delete_ended":
      return <Line icon={<GitBranchMinus className={closeTones[event.data.outcome]} />}>{event.data.text}</Line>;
    case "base.moved":
      return (
        <Line icon={<GitMerge className="text-amber" />}>
          The base has moved to <code className="font-mono">{shortHash(event.data.headCommit)}</code> and changes the
          same files <Quiet>{event.data.paths.join(", ")}</Quiet>
        </Line>
      );
    case "ci.updated": {
      const { status, conclusion, name, url } = event.data;
      return (
        <Line icon={<Workflow className={checkTones[checkClass(event.data)]} />}>
          {url === null ? name : <OutLink href={url}>{name}</OutLink>}{" "}
          <Quiet>
            {(conclusion ?? status).replaceAll("_", " ")}
            {event.data.isSuperseded && ", superseded by a newer run"}
          </Quiet>
        </Line>
      );
    }
    case "ci.required":
      return (
        <Line icon={<Workflow />}>
          {event.data.checks.length === 0 ? "No check is required any more" : "Required checks"}{" "}
          <Quiet>{event.data.checks.map(({ name }) => name).join(", ")}</Quiet>
        </Line>
      );
  }
});
