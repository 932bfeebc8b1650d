import { iso, nodeId, type ForgeCore } from "../core.ts";
import type { OutsideCheck } from "../store/outside-checks.ts";
import type { Repository } from "../store/repositories.ts";
import type { Schemas } from "../types.ts";
import { otherAppAnswer } from "./app.ts";
import { repositoryUrls } from "./repositories.ts";

/** Builds GitHub's `check-run` of another app. */
export function outsideCheckRun(core: ForgeCore, repository: Repository, check: OutsideCheck): Schemas["check-run"] {
  const url = `${repositoryUrls(core, repository).api}/check-runs/${check.id}`;
  const at = iso(check.updatedAtMs);
  const answer: Schemas["check-run"] = {
    id: check.id,
    node_id: nodeId("CheckRun", check.id),
    head_sha: check.sha,
    external_id: String(check.id),
    url,
    html_url: check.url,
    details_url: check.url,
    status: check.conclusion === null ? "in_progress" : "completed",
    conclusion: conclusionOf(check),
    started_at: at,
    completed_at: check.conclusion === null ? null : at,
    output: { title: null, summary: null, text: null, annotations_count: 0, annotations_url: `${url}/annotations` },
    name: check.name,
    check_suite: null,
    app: otherAppAnswer(core),
    pull_requests: [],
  };
  return answer;
}

const conclusions = [
  ...(["success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required"] as const),
] as const;

function conclusionOf({ conclusion }: OutsideCheck): Schemas["check-run"]["conclusion"] {
  return conclusion === null ? null : (conclusions.find((each) => each === conclusion) ?? "failure");
}

/** A status's state: GitHub has four, of which `error` is not set here. */
export function statusState({ conclusion }: OutsideCheck): "pending" | "success" | "failure" {
  if (conclusion === null) return "pending";
  return conclusion === "success" ? "success" : "failure";
}

/** Builds GitHub's `simple-commit-status`. */
export function statusAnswer(
  core: ForgeCore,
  repository: Repository,
  check: OutsideCheck,
): Schemas["simple-commit-status"] {
  const at = iso(check.updatedAtMs);
  return {
    id: check.id,
    node_id: nodeId("StatusContext", check.id),
    state: statusState(check),
    context: check.name,
    description: null,
    target_url: check.url,
    avatar_url: null,
    url: `${repositoryUrls(core, repository).api}/statuses/${check.sha}`,
    created_at: at,
    updated_at: at,
  };
}
