CREATE TABLE `ticket_dependency` (
	`ticket_id` integer NOT NULL,
	`depends_on_id` integer NOT NULL,
	PRIMARY KEY(`ticket_id`, `depends_on_id`),
	FOREIGN KEY (`ticket_id`) REFERENCES `ticket`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`depends_on_id`) REFERENCES `ticket`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `ticket_dependency_reverse` ON `ticket_dependency` (`depends_on_id`);--> statement-breakpoint
CREATE TABLE `instruction` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`tenant_id` integer NOT NULL,
	`scope` text NOT NULL,
	`scope_id` integer NOT NULL,
	`text` text NOT NULL,
	`updated_at_ms` integer NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `instruction_scope` ON `instruction` (`tenant_id`,`scope`,`scope_id`);--> statement-breakpoint
CREATE INDEX `instruction_tenant` ON `instruction` (`tenant_id`);--> statement-breakpoint
ALTER TABLE `ticket` ADD `source_key` text;--> statement-breakpoint
CREATE UNIQUE INDEX `ticket_source` ON `ticket` (`project_id`,`source_key`);--> statement-breakpoint
ALTER TABLE `run` ADD `search_text` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `run` ADD `limit_cost_micros` integer;--> statement-breakpoint
ALTER TABLE `run` ADD `limit_wall_time_ms` integer;