import { eventVersion, type NewRunEvent, type RunEvent } from "../../../contracts/run-events.ts";
import { ada, runCreated } from "../../fakes/run-start.ts";

const commit = "a".repeat(40);
const hash = "b".repeat(64);

const story: readonly NewRunEvent[] = [
  runCreated({
    title: "Add up all units",
    mode: "bugfix",
    prompt: "Fix it.",
    model: "model-1",
    effort: "medium",
    repositories: [{ id: "1", owner: "lime", name: "text", baseBranch: "main", folder: "", dependsOn: [] }],
  }),
  { type: "run.state_changed", data: { from: "QUEUED", to: "CODING", trigger: "started", cause: null } },
  { type: "sandbox.opened", data: { driver: "local", generation: "1", restored: false } },
  {
    type: "repository.seeded",
    data: { repositoryId: "1", baseCommit: commit, fileCount: 3, sizeBytes: 90, durationMs: 5 },
  },
  { type: "stage.started", data: { stage: "coder", attempt: 1 } },
  { type: "turn.started", data: { stage: "coder", turn: 1, attempt: 1, model: "model-1" } },
  {
    type: "turn.finished",
    data: {
      stage: "coder",
      turn: 1,
      text: "I look at it.",
      thinking: "Hm, what is it?",
      toolCalls: [{ callId: "call-1", name: "read_file" }],
      stopReason: "tool_use",
      usage: { inputTokens: 10, cacheReadTokens: 90, cacheWriteTokens: 5, outputTokens: 7 },
      costMicros: 700,
      latencyMs: 40,
      callId: null,
      requestHash: hash,
      answerHash: hash,
    },
  },
  {
    type: "tool.started",
    data: { stage: "coder", turn: 1, callId: "call-1", name: "read_file", input: { path: "a.ts" } },
  },
  {
    type: "tool.finished",
    data: {
      callId: "call-1",
      name: "read_file",
      outcome: "ok",
      output: "text",
      truncated: false,
      durationMs: 3,
      invalidReport: false,
    },
  },
  {
    type: "stage.finished",
    data: {
      stage: "coder",
      attempt: 1,
      outcome: "passed",
      durationMs: 60,
      report: { title: "Added up", summary: "All units count." },
    },
  },
  { type: "run.state_changed", data: { from: "CODING", to: "REVIEWING", trigger: "stage_passed", cause: null } },
  { type: "review.submitted", data: { verdict: "approve", summary: "Good.", findings: [] } },
  { type: "run.state_changed", data: { from: "REVIEWING", to: "TESTING", trigger: "stage_passed", cause: null } },
  {
    type: "tests.reported",
    data: {
      repositoryId: "1",
      command: "npm test",
      before: null,
      after: { exitCode: 0, durationMs: 9, outputTail: "ok", ran: { passed: 1, failed: 0, skipped: 0 } },
      held: null,
      regression: null,
      cases: null,
      findings: [],
    },
  },
  {
    type: "run.state_changed",
    data: { from: "TESTING", to: "PATCHES_PROPOSED", trigger: "stage_passed", cause: null },
  },
  {
    type: "patch_set.proposed",
    data: {
      hash,
      version: 1,
      repositoryId: "1",
      baseCommit: commit,
      headBranch: "lime/1",
      title: "Add up",
      summary: "",
      parentCommit: null,
      companions: [],
      coAuthors: [],
      patches: [],
      tasks: [],
    },
  },
  {
    type: "policy.evaluated",
    data: {
      repositoryId: "1",
      hash,
      violations: [{ rule: "tests", severity: "WARN", path: null, line: null, message: "A test changed." }],
    },
  },
  { type: "gate.evaluated", data: { repositoryId: "1", gate: "G3", status: "pass", evidence: [] } },
  {
    type: "run.state_changed",
    data: { from: "PATCHES_PROPOSED", to: "WAITING_APPROVAL", trigger: "policy_passed", cause: null },
  },
  {
    type: "approval.decided",
    data: {
      repositoryId: "1",
      hash,
      baseCommit: commit,
      decision: "approve",
      comment: "",
      by: { kind: "person", ...ada },
      role: "dev",
      sessionId: null,
      atMs: 20,
    },
  },
  { type: "run.state_changed", data: { from: "WAITING_APPROVAL", to: "APPLYING", trigger: "approved", cause: null } },
  { type: "write.started", data: { repositoryId: "1", kind: "commit", hash } },
  { type: "write.finished", data: { repositoryId: "1", kind: "commit", hash, reference: commit, url: null } },
  {
    type: "pull_request.opened",
    data: { repositoryId: "1", number: 7, url: "https://forge.example/7", branch: "lime/1", commit, state: "open" },
  },
  { type: "run.state_changed", data: { from: "APPLYING", to: "PR_OPEN", trigger: "pull_request_opened", cause: null } },
  { type: "run.state_changed", data: { from: "PR_OPEN", to: "VERIFYING_CI", trigger: "ci_watched", cause: null } },
  {
    type: "ci.updated",
    data: {
      repositoryId: "1",
      source: "workflow_run",
      appId: null,
      isSuperseded: false,
      checkId: "5",
      name: "test",
      commit,
      status: "in_progress",
      conclusion: null,
      url: "https://forge.example/5",
    },
  },
  {
    type: "ci.updated",
    data: {
      repositoryId: "1",
      source: "workflow_run",
      appId: null,
      isSuperseded: false,
      checkId: "5",
      name: "test",
      commit,
      status: "completed",
      conclusion: "success",
      url: "https://forge.example/5",
    },
  },
  { type: "run.state_changed", data: { from: "VERIFYING_CI", to: "DONE", trigger: "ci_passed", cause: null } },
];

/** The events of a small run from request to done, numbered from 1, a second apart. */
export function sampleRun(): readonly RunEvent[] {
  return story.map((event, index) => ({
    ...event,
    seq: index + 1,
    atMs: (index + 1) * 1000,
    v: eventVersion(event.type),
  }));
}
