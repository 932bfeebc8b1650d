import type { Database } from "./database.ts";
import { integer, nullableInteger, text, word, type SqlRow } from "./rows.ts";

export interface Workflow {
  readonly id: number;
  readonly path: string;
  readonly name: string;
  readonly createdAtMs: number;
}

export type RunStatus = "queued" | "in_progress" | "completed";
export type RunConclusion = "success" | "failure" | "timed_out" | "cancelled";

export interface WorkflowRun {
  readonly id: number;
  readonly repositoryId: number;
  readonly workflow: Workflow;
  readonly runNumber: number;
  readonly attempt: number;
  readonly headBranch: string;
  readonly headSha: string;
  readonly beforeSha: string;
  readonly command: string;
  readonly timeoutMs: number;
  readonly actorId: number;
  readonly status: RunStatus;
  readonly conclusion: RunConclusion | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly startedAtMs: number;
}

/** One attempt of a run's only job. Its id is also its check run's id, as on GitHub. */
export interface Job {
  readonly id: number;
  readonly runId: number;
  readonly attempt: number;
  readonly name: string;
  readonly status: RunStatus;
  readonly conclusion: RunConclusion | null;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly completedAtMs: number | null;
}

const statuses = ["queued", "in_progress", "completed"] as const;
const conclusions = ["success", "failure", "timed_out", "cancelled"] as const;

const columns = "r.*, w.path AS workflow_path, w.name AS workflow_name, w.created_at_ms AS workflow_created_at_ms";
const from = "workflow_runs r JOIN workflows w ON w.id = r.workflow_id";

function run(row: SqlRow): WorkflowRun {
  return {
    id: integer(row, "id"),
    repositoryId: integer(row, "repository_id"),
    workflow: {
      id: integer(row, "workflow_id"),
      path: text(row, "workflow_path"),
      name: text(row, "workflow_name"),
      createdAtMs: integer(row, "workflow_created_at_ms"),
    },
    runNumber: integer(row, "run_number"),
    attempt: integer(row, "attempt"),
    headBranch: text(row, "head_branch"),
    headSha: text(row, "head_sha"),
    beforeSha: text(row, "before_sha"),
    command: text(row, "command"),
    timeoutMs: integer(row, "timeout_ms"),
    actorId: integer(row, "actor_id"),
    status: word(row, "status", statuses),
    conclusion: row["conclusion"] === null ? null : word(row, "conclusion", conclusions),
    createdAtMs: integer(row, "created_at_ms"),
    updatedAtMs: integer(row, "updated_at_ms"),
    startedAtMs: integer(row, "started_at_ms"),
  };
}

function job(row: SqlRow): Job {
  return {
    id: integer(row, "id"),
    runId: integer(row, "run_id"),
    attempt: integer(row, "attempt"),
    name: text(row, "name"),
    status: word(row, "status", statuses),
    conclusion: row["conclusion"] === null ? null : word(row, "conclusion", conclusions),
    createdAtMs: integer(row, "created_at_ms"),
    startedAtMs: nullableInteger(row, "started_at_ms"),
    completedAtMs: nullableInteger(row, "completed_at_ms"),
  };
}

/** Workflow runs, with one job per attempt. */
export class RunStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes a queued run with its first job. */
  create(row: {
    repositoryId: number;
    path: string;
    name: string;
    headBranch: string;
    headSha: string;
    beforeSha: string;
    command: string;
    timeoutMs: number;
    actorId: number;
    nowMs: number;
  }): WorkflowRun {
    return this.#database.transaction(() => {
      const workflow = this.#database.get(
        `INSERT INTO workflows (repository_id, path, name, last_run_number, created_at_ms) VALUES (?, ?, ?, 1, ?)
         ON CONFLICT (repository_id, path) DO UPDATE SET name = excluded.name, last_run_number = last_run_number + 1 RETURNING id, last_run_number`,
        row.repositoryId,
        row.path,
        row.name,
        row.nowMs,
      );
      if (workflow === undefined) throw new Error("workflow was not kept");
      const id = this.#database.insert(
        `INSERT INTO workflow_runs (repository_id, workflow_id, run_number, attempt, head_branch, head_sha, before_sha, command, timeout_ms, actor_id,
           status, created_at_ms, updated_at_ms, started_at_ms) VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?)`,
        row.repositoryId,
        integer(workflow, "id"),
        integer(workflow, "last_run_number"),
        row.headBranch,
        row.headSha,
        row.beforeSha,
        row.command,
        row.timeoutMs,
        row.actorId,
        row.nowMs,
        row.nowMs,
        row.nowMs,
      );
      this.#addJob(id, 1, row.nowMs);
      return this.byId(id);
    });
  }

  #addJob(runId: number, attempt: number, nowMs: number): void {
    this.#database.run(
      "INSERT INTO jobs (run_id, attempt, name, status, created_at_ms) VALUES (?, ?, 'test', 'queued', ?)",
      runId,
      attempt,
      nowMs,
    );
  }

  /** Throws when there is no such run. */
  byId(id: number): WorkflowRun {
    const found = this.find(id);
    if (found === undefined) throw new Error(`no workflow run ${id}`);
    return found;
  }

  find(id: number): WorkflowRun | undefined {
    const row = this.#database.get(`SELECT ${columns} FROM ${from} WHERE r.id = ?`, id);
    return row === undefined ? undefined : run(row);
  }

  /** Newest first, by any of the given properties. */
  list(
    repositoryId: number,
    filter: { headSha?: string; branch?: string; status?: string; workflowId?: number },
  ): WorkflowRun[] {
    return this.#database
      .all(
        `SELECT ${columns} FROM ${from} WHERE r.repository_id = ? AND (?2 IS NULL OR r.head_sha = ?2) AND (?3 IS NULL OR r.head_branch = ?3)
         AND (?4 IS NULL OR r.status = ?4 OR r.conclusion = ?4) AND (?5 IS NULL OR r.workflow_id = ?5) ORDER BY r.id DESC`,
        repositoryId,
        filter.headSha ?? null,
        filter.branch ?? null,
        filter.status ?? null,
        filter.workflowId ?? null,
      )
      .map(run);
  }

  /** Runs that still have to run, oldest first. */
  unfinished(): WorkflowRun[] {
    return this.#database.all(`SELECT ${columns} FROM ${from} WHERE r.status <> 'completed' ORDER BY r.id`).map(run);
  }

  /** The latest attempt's job. */
  currentJob(runId: number): Job {
    const row = this.#database.get("SELECT * FROM jobs WHERE run_id = ? ORDER BY attempt DESC LIMIT 1", runId);
    if (row === undefined) throw new Error(`no job of run ${runId}`);
    return job(row);
  }

  jobs(runId: number): Job[] {
    return this.#database.all("SELECT * FROM jobs WHERE run_id = ? ORDER BY id", runId).map(job);
  }

  findJob(id: number): Job | undefined {
    const row = this.#database.get("SELECT * FROM jobs WHERE id = ?", id);
    return row === undefined ? undefined : job(row);
  }

  /** Moves a run and its latest job to a status together. */
  setStatus(runId: number, status: RunStatus, conclusion: RunConclusion | null, nowMs: number): WorkflowRun {
    return this.#database.transaction(() => {
      const current = this.currentJob(runId);
      this.#database.run(
        "UPDATE workflow_runs SET status = ?, conclusion = ?, updated_at_ms = ? WHERE id = ?",
        status,
        conclusion,
        nowMs,
        runId,
      );
      this.#database.run(
        "UPDATE jobs SET status = ?, conclusion = ?, started_at_ms = ?, completed_at_ms = ? WHERE id = ?",
        status,
        conclusion,
        status === "queued" ? null : status === "in_progress" ? nowMs : (current.startedAtMs ?? nowMs),
        status === "completed" ? nowMs : null,
        current.id,
      );
      return this.byId(runId);
    });
  }

  /** Queues a completed run again, as a new attempt with a new job. */
  addAttempt(runId: number, nowMs: number): WorkflowRun {
    return this.#database.transaction(() => {
      this.#database.run(
        "UPDATE workflow_runs SET attempt = attempt + 1, status = 'queued', conclusion = NULL, updated_at_ms = ?, started_at_ms = ? WHERE id = ?",
        nowMs,
        nowMs,
        runId,
      );
      const next = this.byId(runId);
      this.#addJob(runId, next.attempt, nowMs);
      return next;
    });
  }
}
