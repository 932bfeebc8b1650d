CREATE TABLE `board` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`tenant_id` integer NOT NULL,
	`project_id` integer NOT NULL,
	`name` text NOT NULL,
	`columns` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`project_id`) REFERENCES `project`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `board_project` ON `board` (`tenant_id`,`project_id`,`id`);--> statement-breakpoint
CREATE TABLE `saved_view` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`tenant_id` integer NOT NULL,
	`project_id` integer NOT NULL,
	`owner_id` integer NOT NULL,
	`name` text NOT NULL,
	`query` text NOT NULL,
	`is_shared` integer NOT NULL,
	`created_at_ms` integer NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`project_id`) REFERENCES `project`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`owner_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `saved_view_project` ON `saved_view` (`tenant_id`,`project_id`,`name`);--> statement-breakpoint
CREATE INDEX `saved_view_owner` ON `saved_view` (`owner_id`);--> statement-breakpoint
CREATE TABLE `ticket_attachment` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`tenant_id` integer NOT NULL,
	`ticket_id` integer NOT NULL,
	`name` text NOT NULL,
	`media_type` text NOT NULL,
	`bytes` integer NOT NULL,
	`sha256` text NOT NULL,
	`storage_key` text NOT NULL,
	`created_by` integer,
	`created_at_ms` integer NOT NULL,
	`deleted_at_ms` integer,
	FOREIGN KEY (`tenant_id`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`ticket_id`) REFERENCES `ticket`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`created_by`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE INDEX `ticket_attachment_ticket` ON `ticket_attachment` (`ticket_id`,`id`);--> statement-breakpoint
CREATE INDEX `ticket_attachment_tenant` ON `ticket_attachment` (`tenant_id`);--> statement-breakpoint
CREATE INDEX `ticket_attachment_creator` ON `ticket_attachment` (`created_by`);--> statement-breakpoint
CREATE TABLE `ticket_comment` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`tenant_id` integer NOT NULL,
	`ticket_id` integer NOT NULL,
	`author_id` integer,
	`actor` text NOT NULL,
	`body` text NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`source_key` text,
	`created_at_ms` integer NOT NULL,
	`edited_at_ms` integer,
	`deleted_at_ms` integer,
	FOREIGN KEY (`tenant_id`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`ticket_id`) REFERENCES `ticket`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`author_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE UNIQUE INDEX `ticket_comment_source_key_unique` ON `ticket_comment` (`source_key`);--> statement-breakpoint
CREATE INDEX `ticket_comment_ticket` ON `ticket_comment` (`ticket_id`,`id`);--> statement-breakpoint
CREATE INDEX `ticket_comment_tenant` ON `ticket_comment` (`tenant_id`);--> statement-breakpoint
CREATE INDEX `ticket_comment_author` ON `ticket_comment` (`author_id`);--> statement-breakpoint
CREATE TABLE `ticket_comment_version` (
	`comment_id` integer NOT NULL,
	`version` integer NOT NULL,
	`tenant_id` integer NOT NULL,
	`body` text NOT NULL,
	`at_ms` integer NOT NULL,
	PRIMARY KEY(`comment_id`, `version`),
	FOREIGN KEY (`comment_id`) REFERENCES `ticket_comment`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`tenant_id`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `ticket_comment_version_tenant` ON `ticket_comment_version` (`tenant_id`);--> statement-breakpoint
ALTER TABLE `project` ADD `autopilot` text DEFAULT 'off' NOT NULL;--> statement-breakpoint
ALTER TABLE `project` ADD `autopilot_slots` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `project` ADD `archived_at_ms` integer;--> statement-breakpoint
-- Each project has a board with the six columns, whose ids its tickets name already.
INSERT INTO `board` (`tenant_id`, `project_id`, `name`, `columns`, `created_at_ms`)
	SELECT `tenant_id`, `id`, 'Board', '[{"id":"backlog","name":"Backlog","stage":"backlog","wipLimit":null},{"id":"todo","name":"Todo","stage":"todo","wipLimit":null},{"id":"in_progress","name":"In Progress","stage":"in_progress","wipLimit":null},{"id":"code_review","name":"Code Review","stage":"code_review","wipLimit":null},{"id":"qa","name":"QA","stage":"qa","wipLimit":null},{"id":"done","name":"Done","stage":"done","wipLimit":null}]', `created_at_ms` FROM `project`;
--> statement-breakpoint
-- Full text over tickets, by trigrams so that parts of words are found. The index holds no text of its own.
CREATE VIRTUAL TABLE `ticket_search` USING fts5(title, description, acceptance_criteria, labels, content='ticket', content_rowid='id', tokenize='trigram');
--> statement-breakpoint
INSERT INTO `ticket_search` (`ticket_search`) VALUES ('rebuild');
--> statement-breakpoint
CREATE TRIGGER `ticket_search_insert` AFTER INSERT ON `ticket` BEGIN
	INSERT INTO `ticket_search` (rowid, title, description, acceptance_criteria, labels) VALUES (new.id, new.title, new.description, new.acceptance_criteria, new.labels);
END;
--> statement-breakpoint
CREATE TRIGGER `ticket_search_delete` AFTER DELETE ON `ticket` BEGIN
	INSERT INTO `ticket_search` (`ticket_search`, rowid, title, description, acceptance_criteria, labels) VALUES ('delete', old.id, old.title, old.description, old.acceptance_criteria, old.labels);
END;
--> statement-breakpoint
CREATE TRIGGER `ticket_search_update` AFTER UPDATE OF title, description, acceptance_criteria, labels ON `ticket` WHEN old.title <> new.title OR old.description <> new.description OR old.acceptance_criteria <> new.acceptance_criteria OR old.labels <> new.labels BEGIN
	INSERT INTO `ticket_search` (`ticket_search`, rowid, title, description, acceptance_criteria, labels) VALUES ('delete', old.id, old.title, old.description, old.acceptance_criteria, old.labels);
	INSERT INTO `ticket_search` (rowid, title, description, acceptance_criteria, labels) VALUES (new.id, new.title, new.description, new.acceptance_criteria, new.labels);
END;
