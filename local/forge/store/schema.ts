/** The forge's tables. Times are UTC milliseconds; every id is unique within its kind and each kind starts at its own number. */
export const schema = `
CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, login TEXT NOT NULL UNIQUE COLLATE NOCASE, type TEXT NOT NULL,
  name TEXT, email TEXT, created_at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS memberships (
  organization_id INTEGER NOT NULL REFERENCES accounts(id), user_id INTEGER NOT NULL REFERENCES accounts(id),
  PRIMARY KEY (organization_id, user_id)) STRICT;
CREATE TABLE IF NOT EXISTS repositories (
  id INTEGER PRIMARY KEY AUTOINCREMENT, owner_id INTEGER NOT NULL REFERENCES accounts(id), name TEXT NOT NULL COLLATE NOCASE,
  description TEXT, is_private INTEGER NOT NULL, default_branch TEXT NOT NULL, last_number INTEGER NOT NULL DEFAULT 0,
  languages TEXT NOT NULL DEFAULT '{}', size_bytes INTEGER NOT NULL DEFAULT 0, ready INTEGER NOT NULL DEFAULT 0,
  created_at_ms INTEGER NOT NULL, pushed_at_ms INTEGER NOT NULL, UNIQUE (owner_id, name)) STRICT;
CREATE TABLE IF NOT EXISTS former_names (
  owner TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL COLLATE NOCASE, repository_id INTEGER NOT NULL REFERENCES repositories(id),
  PRIMARY KEY (owner, name)) STRICT;
CREATE TABLE IF NOT EXISTS repository_readers (
  repository_id INTEGER NOT NULL REFERENCES repositories(id), user_id INTEGER NOT NULL REFERENCES accounts(id),
  PRIMARY KEY (repository_id, user_id)) STRICT;
CREATE TABLE IF NOT EXISTS restricted_repositories (repository_id INTEGER PRIMARY KEY REFERENCES repositories(id)) STRICT;
CREATE TABLE IF NOT EXISTS installations (
  id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER NOT NULL UNIQUE REFERENCES accounts(id), selection TEXT NOT NULL,
  permissions TEXT NOT NULL, created_at_ms INTEGER NOT NULL, updated_at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS installation_repositories (
  installation_id INTEGER NOT NULL REFERENCES installations(id) ON DELETE CASCADE, repository_id INTEGER NOT NULL REFERENCES repositories(id),
  PRIMARY KEY (installation_id, repository_id)) STRICT;
CREATE TABLE IF NOT EXISTS tokens (
  hash TEXT PRIMARY KEY, kind TEXT NOT NULL, installation_id INTEGER REFERENCES installations(id) ON DELETE CASCADE, user_id INTEGER REFERENCES accounts(id),
  permissions TEXT NOT NULL, repository_ids TEXT, expires_at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS oauth_codes (
  hash TEXT PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES accounts(id), redirect_uri TEXT NOT NULL, code_challenge TEXT,
  expires_at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS issues (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository_id INTEGER NOT NULL REFERENCES repositories(id), number INTEGER NOT NULL,
  is_pull INTEGER NOT NULL, title TEXT NOT NULL, body TEXT, state TEXT NOT NULL, account_id INTEGER NOT NULL REFERENCES accounts(id),
  created_at_ms INTEGER NOT NULL, updated_at_ms INTEGER NOT NULL, closed_at_ms INTEGER, UNIQUE (repository_id, number)) STRICT;
CREATE TABLE IF NOT EXISTS labels (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository_id INTEGER NOT NULL REFERENCES repositories(id), name TEXT NOT NULL COLLATE NOCASE,
  color TEXT NOT NULL, description TEXT NOT NULL, UNIQUE (repository_id, name)) STRICT;
CREATE TABLE IF NOT EXISTS issue_labels (
  issue_id INTEGER NOT NULL REFERENCES issues(id), label_id INTEGER NOT NULL REFERENCES labels(id), PRIMARY KEY (issue_id, label_id)) STRICT;
CREATE TABLE IF NOT EXISTS pulls (
  issue_id INTEGER PRIMARY KEY REFERENCES issues(id), head_ref TEXT NOT NULL, base_ref TEXT NOT NULL, head_sha TEXT NOT NULL, base_sha TEXT NOT NULL,
  is_draft INTEGER NOT NULL, merged_at_ms INTEGER, merged_by_id INTEGER, merge_commit_sha TEXT) STRICT;
CREATE TABLE IF NOT EXISTS comments (
  id INTEGER PRIMARY KEY AUTOINCREMENT, issue_id INTEGER NOT NULL REFERENCES issues(id), account_id INTEGER NOT NULL REFERENCES accounts(id),
  body TEXT NOT NULL, created_at_ms INTEGER NOT NULL, updated_at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS reviews (
  id INTEGER PRIMARY KEY AUTOINCREMENT, issue_id INTEGER NOT NULL REFERENCES issues(id), account_id INTEGER NOT NULL REFERENCES accounts(id),
  state TEXT NOT NULL, body TEXT NOT NULL, commit_sha TEXT NOT NULL, submitted_at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS review_comments (
  id INTEGER PRIMARY KEY AUTOINCREMENT, issue_id INTEGER NOT NULL REFERENCES issues(id), review_id INTEGER NOT NULL REFERENCES reviews(id),
  account_id INTEGER NOT NULL REFERENCES accounts(id), path TEXT NOT NULL, line INTEGER NOT NULL, side TEXT NOT NULL, start_line INTEGER,
  position INTEGER NOT NULL, diff_hunk TEXT NOT NULL, body TEXT NOT NULL, commit_sha TEXT NOT NULL, in_reply_to_id INTEGER,
  created_at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS workflows (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository_id INTEGER NOT NULL REFERENCES repositories(id), path TEXT NOT NULL, name TEXT NOT NULL,
  last_run_number INTEGER NOT NULL DEFAULT 0, created_at_ms INTEGER NOT NULL, UNIQUE (repository_id, path)) STRICT;
CREATE TABLE IF NOT EXISTS workflow_runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository_id INTEGER NOT NULL REFERENCES repositories(id), workflow_id INTEGER NOT NULL REFERENCES workflows(id),
  run_number INTEGER NOT NULL, attempt INTEGER NOT NULL, head_branch TEXT NOT NULL, head_sha TEXT NOT NULL, before_sha TEXT NOT NULL,
  command TEXT NOT NULL, timeout_ms INTEGER NOT NULL, actor_id INTEGER NOT NULL REFERENCES accounts(id), status TEXT NOT NULL, conclusion TEXT,
  created_at_ms INTEGER NOT NULL, updated_at_ms INTEGER NOT NULL, started_at_ms INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS workflow_runs_by_head ON workflow_runs (repository_id, head_sha);
CREATE TABLE IF NOT EXISTS jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT NULL REFERENCES workflow_runs(id), attempt INTEGER NOT NULL, name TEXT NOT NULL,
  status TEXT NOT NULL, conclusion TEXT, created_at_ms INTEGER NOT NULL, started_at_ms INTEGER, completed_at_ms INTEGER) STRICT;
CREATE INDEX IF NOT EXISTS jobs_by_run ON jobs (run_id);
CREATE TABLE IF NOT EXISTS outside_checks (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository_id INTEGER NOT NULL REFERENCES repositories(id), sha TEXT NOT NULL, kind TEXT NOT NULL,
  name TEXT NOT NULL, conclusion TEXT, url TEXT, updated_at_ms INTEGER NOT NULL, UNIQUE (repository_id, sha, kind, name)) STRICT;
CREATE TABLE IF NOT EXISTS required_checks (
  repository_id INTEGER NOT NULL REFERENCES repositories(id), branch TEXT NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY (repository_id, branch, name)) STRICT;
CREATE TABLE IF NOT EXISTS signature_rules (repository_id INTEGER PRIMARY KEY REFERENCES repositories(id)) STRICT;
CREATE TABLE IF NOT EXISTS deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT NOT NULL, event TEXT NOT NULL, action TEXT, installation_id INTEGER, repository_id INTEGER,
  payload TEXT NOT NULL, attempt INTEGER NOT NULL, is_redelivery INTEGER NOT NULL, due_at_ms INTEGER, delivered_at_ms INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL DEFAULT 0, status TEXT NOT NULL, status_code INTEGER NOT NULL DEFAULT 0, request_headers TEXT NOT NULL DEFAULT '{}',
  response_headers TEXT NOT NULL DEFAULT '{}', response_body TEXT) STRICT;
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at_ms) WHERE due_at_ms IS NOT NULL;
CREATE TABLE IF NOT EXISTS writes (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, token_id TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
  repository TEXT, status INTEGER NOT NULL, result TEXT NOT NULL) STRICT;
`;

/** Where each kind's ids start, so that an id of one kind is never mistaken for one of another. */
export const firstIds: Readonly<Record<string, number>> = {
  accounts: 1_000,
  repositories: 20_000,
  installations: 300_000,
  issues: 4_000_000,
  labels: 5_000_000,
  comments: 6_000_000,
  reviews: 7_000_000,
  review_comments: 8_000_000,
  workflows: 9_000_000,
  workflow_runs: 10_000_000,
  jobs: 20_000_000,
  deliveries: 30_000_000,
  outside_checks: 40_000_000,
};
