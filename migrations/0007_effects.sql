CREATE TABLE `notice` (
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
	FOREIGN KEY (`run_id`) REFERENCES `run`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `notice_effect_key_unique` ON `notice` (`effect_key`);--> statement-breakpoint
CREATE INDEX `notice_person` ON `notice` (`tenant_id`,`user_id`,`id`);--> statement-breakpoint
CREATE INDEX `notice_run` ON `notice` (`run_id`);--> statement-breakpoint
ALTER TABLE `audit` ADD `effect_key` text;--> statement-breakpoint
CREATE UNIQUE INDEX `audit_effect_key_unique` ON `audit` (`effect_key`);