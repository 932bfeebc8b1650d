import type { RunEvent } from "../../contracts/run-events.ts";
import { suiteText } from "../../contracts/test-words.ts";

const clip = (text: string, limit = 110): string => {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`;
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** The main argument of a tool call, in one line. */
function toolInput(input: unknown): string {
  if (typeof input !== "object" || input === null) return "";
  for (const name of ["path", "repository", "command", "pattern", "title", "verdict"]) {
    const value: unknown = Reflect.get(input, name);
    if (typeof value === "string") return clip(value, 80);
  }
  return "";
}

/** Names of a run's repositories by id, as its first event has them. */
export type RepositoryNames = ReadonlyMap<string, string>;

/** The names of the repositories that a run was given. */
export function repositoryNames(created: RunEvent): RepositoryNames {
  const given = created.type === "run.created" ? created.data.repositories : [];
  return new Map(given.map(({ id, name }) => [id, name]));
}

/**
 * One event as a line for a person; undefined for those without news. Where the run has several repositories, the line
 * of an event that belongs to one begins with its name.
 */
export function describeEvent(event: RunEvent, names: RepositoryNames): string | undefined {
  const text = textOf(event, names);
  const id = "repositoryId" in event.data ? event.data.repositoryId : null;
  if (text === undefined || id === null || names.size < 2) return text;
  return `${nameOf(names, id)}: ${text}`;
}

const nameOf = (names: RepositoryNames, id: string): string => names.get(id) ?? `repository ${id}`;

function textOf(event: RunEvent, names: RepositoryNames): string | undefined {
  const list = (ids: readonly string[], separator: string): string =>
    ids.map((id) => nameOf(names, id)).join(separator);
  switch (event.type) {
    case "run.created":
      return `run created: ${event.data.mode} with ${event.data.model} on ${event.data.repositories.map(({ name, owner }) => `${owner}/${name}`).join(", ")}`;
    case "repositories.chosen":
      return `repositories chosen: ${list(event.data.repositoryIds, ", ")}`;
    case "lanes.ordered":
      return `order of the repositories: ${list(event.data.order, ", then ")}${event.data.edges.map(({ because }) => `; ${because}`).join("")}`;
    case "versions.compared":
      return `versions: ${event.data.packages.map(({ bump, from, name, to }) => `${name} ${from ?? "none"} → ${to ?? "none"} (${bump})`).join(", ")}`;
    case "patch_set.withdrawn":
      return `patch set ${event.data.hash.slice(0, 12)} withdrawn`;
    case "run.state_changed":
      return `${event.data.from} → ${event.data.to}${event.data.cause === null ? "" : ` (${clip(event.data.cause)})`}`;
    case "run.event_refused":
      return `refused: ${event.data.reason}`;
    case "stage.started":
      return `${event.data.stage} begins`;
    case "stage.finished":
      return `${event.data.stage} ends: ${clip(event.data.outcome)} after ${seconds(event.data.durationMs)}`;
    case "sandbox.opened":
      return `sandbox opened (${event.data.driver})`;
    case "repository.seeded":
      return `repository in the sandbox: ${event.data.fileCount} files at ${event.data.baseCommit.slice(0, 10)}`;
    case "turn.finished":
      return event.data.text.trim() === "" ? undefined : `agent: ${clip(event.data.text)}`;
    case "context.compacted":
      return `conversation ${event.data.how}, by ${event.data.by}`;
    case "call.cut":
      return `model call cut: ${event.data.costMicros ?? "unknown"} millionths of a dollar booked${event.data.isEstimate ? " as an estimate" : ""}`;
    case "turn.failed":
      return `model call failed: ${clip(event.data.message)}`;
    case "tool.started":
      return `tool ${event.data.name} ${toolInput(event.data.input)}`.trimEnd();
    case "tool.finished":
      return event.data.outcome === "ok"
        ? undefined
        : `tool ${event.data.name}: ${event.data.outcome}: ${clip(event.data.output)}`;
    case "tests.reported": {
      const { after, regression } = event.data;
      const result = after === null ? "no tests were run" : `tests: ${suiteText(after)}, ${seconds(after.durationMs)}`;
      return `${result}${regression === null ? "" : `; the new test ${regression.failedOnBase ? "fails" : "doesn't fail"} without the fix`}`;
    }
    case "review.submitted":
      return `review: ${event.data.verdict}: ${clip(event.data.summary)}`;
    case "patch_set.proposed":
      return `patch set ${event.data.hash.slice(0, 12)} proposed: ${event.data.patches.map((patch) => patch.path).join(", ")}`;
    case "policy.evaluated":
      return `policy: ${event.data.violations.length === 0 ? "no findings" : event.data.violations.map((found) => `${found.severity} ${found.rule}`).join(", ")}`;
    case "gate.evaluated":
      return `gate ${event.data.gate}: ${event.data.status}`;
    case "approval.decided":
      return `${event.data.decision} by ${event.data.by.name} of ${event.data.hash.slice(0, 12)}`;
    case "write.finished":
      return `written: ${event.data.kind} ${clip(event.data.reference, 60)}`;
    case "pull_request.opened":
      return `pull request #${event.data.number} opened: ${event.data.url}`;
    case "run.cancel_requested":
      return `cancelled by ${event.data.by.name}; the write under way ends first`;
    case "pull_request.updated":
      return `pull request #${event.data.number}: ${event.data.state}, head ${event.data.headCommit.slice(0, 10)}`;
    case "ci.updated":
      return `CI "${event.data.name}": ${event.data.status}${event.data.conclusion === null ? "" : `, ${event.data.conclusion}`}`;
    case "notice":
      return `${event.data.level}: ${clip(event.data.message)}`;
    case "turn.started":
    case "base.resolved":
    case "repository.inspected":
    case "workspace.saved":
    case "write.started":
    case "prompt.resolved":
    case "limits.set":
      return undefined;
    default:
      return event.type.replace(".", " ").replaceAll("_", " ");
  }
}
