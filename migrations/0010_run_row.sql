PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_notice` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`tenant_id` integer NOT NULL,
	`user_id` integer NOT NULL,
	`run_id` integer NOT NULL,
	`reason` text NOT NULL,
	`text` text NOT NULL,
	`effect_key` text NOT NULL,
	`at_ms` integer NOT NULL,
	`read_at_ms` integer,
	FOREIGN KEY (`tenant_id`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`run_id`) REFERENCES `run_number`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
INSERT INTO `__new_notice`("id", "tenant_id", "user_id", "run_id", "reason", "text", "effect_key", "at_ms", "read_at_ms") SELECT "id", "tenant_id", "user_id", "run_id", "reason", "text", "effect_key", "at_ms", "read_at_ms" FROM `notice`;--> statement-breakpoint
DROP TABLE `notice`;--> statement-breakpoint
ALTER TABLE `__new_notice` RENAME TO `notice`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE UNIQUE INDEX `notice_effect_key_unique` ON `notice` (`effect_key`);--> statement-breakpoint
CREATE INDEX `notice_person` ON `notice` (`tenant_id`,`user_id`,`id`);--> statement-breakpoint
CREATE INDEX `notice_run` ON `notice` (`run_id`);--> statement-breakpoint
CREATE TABLE `__new_open_socket` (
	`session_id` integer NOT NULL,
	`run_id` integer NOT NULL,
	PRIMARY KEY(`session_id`, `run_id`),
	FOREIGN KEY (`session_id`) REFERENCES `session`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`run_id`) REFERENCES `run_number`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
INSERT INTO `__new_open_socket`("session_id", "run_id") SELECT "session_id", "run_id" FROM `open_socket`;--> statement-breakpoint
DROP TABLE `open_socket`;--> statement-breakpoint
ALTER TABLE `__new_open_socket` RENAME TO `open_socket`;--> statement-breakpoint
CREATE INDEX `open_socket_run` ON `open_socket` (`run_id`);--> statement-breakpoint
CREATE TABLE `__new_budget_day` (
	`run_id` integer NOT NULL,
	`day` text NOT NULL,
	`tenant_id` integer NOT NULL,
	`project_id` integer NOT NULL,
	`spent_micros` integer NOT NULL,
	`unpriced_calls` integer NOT NULL,
	PRIMARY KEY(`run_id`, `day`),
	FOREIGN KEY (`run_id`) REFERENCES `run_number`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`tenant_id`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`project_id`) REFERENCES `project`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
INSERT INTO `__new_budget_day`("run_id", "day", "tenant_id", "project_id", "spent_micros", "unpriced_calls") SELECT "run_id", "day", "tenant_id", "project_id", "spent_micros", "unpriced_calls" FROM `budget_day`;--> statement-breakpoint
DROP TABLE `budget_day`;--> statement-breakpoint
ALTER TABLE `__new_budget_day` RENAME TO `budget_day`;--> statement-breakpoint
CREATE INDEX `budget_day_tenant` ON `budget_day` (`tenant_id`,`day`);