CREATE TABLE `run_number` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`tenant_id` integer NOT NULL,
	`idempotency_key` text,
	`taken_at_ms` integer NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `run_number_key` ON `run_number` (`tenant_id`,`idempotency_key`);--> statement-breakpoint
-- Runs of until now keep their numbers, and no number that a run ever had is given again.
INSERT INTO `run_number` (`id`, `tenant_id`, `idempotency_key`, `taken_at_ms`) SELECT `id`, `tenant_id`, `idempotency_key`, `created_at_ms` FROM `run`;--> statement-breakpoint
INSERT INTO `sqlite_sequence` (`name`, `seq`) SELECT 'run_number', 0 WHERE NOT EXISTS (SELECT 1 FROM `sqlite_sequence` WHERE `name` = 'run_number');--> statement-breakpoint
UPDATE `sqlite_sequence` SET `seq` = max(`seq`, coalesce((SELECT max(`seq`) FROM `sqlite_sequence` WHERE `name` = 'run'), 0)) WHERE `name` = 'run_number';--> statement-breakpoint
-- A column loses its NOT NULL only in a new table. Dropping the old one would take the rows that go with a run along, whatever
-- foreign_keys says: inside a transaction it can't be switched off. So they are put aside.
CREATE TABLE `__budget_day` AS SELECT * FROM `budget_day`;--> statement-breakpoint
CREATE TABLE `__open_socket` AS SELECT * FROM `open_socket`;--> statement-breakpoint
CREATE TABLE `__new_run` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`tenant_id` integer NOT NULL,
	`project_id` integer NOT NULL,
	`ticket_id` integer,
	`repository_id` integer NOT NULL,
	`base_branch` text NOT NULL,
	`base_commit` text,
	`title` text NOT NULL,
	`mode` text NOT NULL,
	`state` text NOT NULL,
	`stage` text,
	`prompt` text NOT NULL,
	`provider` text NOT NULL,
	`model` text NOT NULL,
	`effort` text,
	`started_by` integer,
	`started_by_actor` text,
	`idempotency_key` text,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`finished_at_ms` integer,
	`cause` text,
	`pr_number` integer,
	`pr_url` text,
	`pr_branch` text,
	`pr_commit` text,
	`pr_state` text,
	`cost_micros` integer DEFAULT 0,
	`input_tokens` integer DEFAULT 0 NOT NULL,
	`output_tokens` integer DEFAULT 0 NOT NULL,
	`head_seq` integer DEFAULT 0 NOT NULL,
	`search_text` text DEFAULT '' NOT NULL,
	`options` text,
	`limit_cost_micros` integer,
	`limit_wall_time_ms` integer,
	`limit_stage_turns` integer,
	`limit_stage_wall_time_ms` integer,
	`dispatched_at_ms` integer,
	FOREIGN KEY (`tenant_id`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`project_id`) REFERENCES `project`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`ticket_id`) REFERENCES `ticket`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`repository_id`) REFERENCES `repository`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`started_by`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
INSERT INTO `__new_run`("id", "tenant_id", "project_id", "ticket_id", "repository_id", "base_branch", "base_commit", "title", "mode", "state", "stage", "prompt", "provider", "model", "effort", "started_by", "started_by_actor", "idempotency_key", "created_at_ms", "updated_at_ms", "finished_at_ms", "cause", "pr_number", "pr_url", "pr_branch", "pr_commit", "pr_state", "cost_micros", "input_tokens", "output_tokens", "head_seq", "search_text", "options", "limit_cost_micros", "limit_wall_time_ms", "limit_stage_turns", "limit_stage_wall_time_ms", "dispatched_at_ms") SELECT "id", "tenant_id", "project_id", "ticket_id", "repository_id", "base_branch", "base_commit", "title", "mode", "state", "stage", "prompt", "provider", "model", "effort", "started_by", NULL, "idempotency_key", "created_at_ms", "updated_at_ms", "finished_at_ms", "cause", "pr_number", "pr_url", "pr_branch", "pr_commit", "pr_state", "cost_micros", "input_tokens", "output_tokens", "head_seq", "search_text", "options", "limit_cost_micros", "limit_wall_time_ms", "limit_stage_turns", "limit_stage_wall_time_ms", "dispatched_at_ms" FROM `run`;--> statement-breakpoint
DROP TABLE `run`;--> statement-breakpoint
ALTER TABLE `__new_run` RENAME TO `run`;--> statement-breakpoint
INSERT INTO `budget_day` (`run_id`, `day`, `tenant_id`, `project_id`, `spent_micros`, `unpriced_calls`) SELECT `run_id`, `day`, `tenant_id`, `project_id`, `spent_micros`, `unpriced_calls` FROM `__budget_day`;--> statement-breakpoint
INSERT INTO `open_socket` (`session_id`, `run_id`) SELECT `session_id`, `run_id` FROM `__open_socket`;--> statement-breakpoint
DROP TABLE `__budget_day`;--> statement-breakpoint
DROP TABLE `__open_socket`;--> statement-breakpoint
CREATE UNIQUE INDEX `run_tenant_idempotency` ON `run` (`tenant_id`,`idempotency_key`);--> statement-breakpoint
CREATE INDEX `run_tenant` ON `run` (`tenant_id`,`id`);--> statement-breakpoint
CREATE INDEX `run_project` ON `run` (`tenant_id`,`project_id`,`id`);--> statement-breakpoint
CREATE INDEX `run_state` ON `run` (`tenant_id`,`state`,`id`);--> statement-breakpoint
CREATE INDEX `run_ticket` ON `run` (`ticket_id`,`id`);--> statement-breakpoint
CREATE INDEX `run_unfinished` ON `run` (`updated_at_ms`) WHERE finished_at_ms is null;--> statement-breakpoint
CREATE INDEX `run_branch` ON `run` (`repository_id`,`pr_branch`);--> statement-breakpoint
-- The triggers of the full-text index went with the old table; the index itself stands, the row ids are the same.
CREATE TRIGGER `run_search_insert` AFTER INSERT ON `run` BEGIN
	INSERT INTO `run_search` (rowid, title, prompt, search_text) VALUES (new.id, new.title, new.prompt, new.search_text);
END;
--> statement-breakpoint
CREATE TRIGGER `run_search_delete` AFTER DELETE ON `run` BEGIN
	INSERT INTO `run_search` (`run_search`, rowid, title, prompt, search_text) VALUES ('delete', old.id, old.title, old.prompt, old.search_text);
END;
--> statement-breakpoint
CREATE TRIGGER `run_search_update` AFTER UPDATE OF title, prompt, search_text ON `run` WHEN old.search_text <> new.search_text OR old.title <> new.title OR old.prompt <> new.prompt BEGIN
	INSERT INTO `run_search` (`run_search`, rowid, title, prompt, search_text) VALUES ('delete', old.id, old.title, old.prompt, old.search_text);
	INSERT INTO `run_search` (rowid, title, prompt, search_text) VALUES (new.id, new.title, new.prompt, new.search_text);
END;
