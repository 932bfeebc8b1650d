PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_notice` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`tenant_id` integer NOT NULL,
	`user_id` integer NOT NULL,
	`run_id` integer,
	`ticket_id` integer,
	`reason` text NOT NULL,
	`text` text NOT NULL,
	`effect_key` text NOT NULL,
	`at_ms` integer NOT NULL,
	`read_at_ms` integer,
	FOREIGN KEY (`tenant_id`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`run_id`) REFERENCES `run_number`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`ticket_id`) REFERENCES `ticket`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
INSERT INTO `__new_notice`("id", "tenant_id", "user_id", "run_id", "ticket_id", "reason", "text", "effect_key", "at_ms", "read_at_ms") SELECT "id", "tenant_id", "user_id", "run_id", NULL, "reason", "text", "effect_key", "at_ms", "read_at_ms" FROM `notice`;--> statement-breakpoint
DROP TABLE `notice`;--> statement-breakpoint
ALTER TABLE `__new_notice` RENAME TO `notice`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE UNIQUE INDEX `notice_effect_key_unique` ON `notice` (`effect_key`);--> statement-breakpoint
CREATE INDEX `notice_person` ON `notice` (`tenant_id`,`user_id`,`id`);--> statement-breakpoint
CREATE INDEX `notice_run` ON `notice` (`run_id`);--> statement-breakpoint
CREATE INDEX `notice_ticket` ON `notice` (`ticket_id`);