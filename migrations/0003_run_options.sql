CREATE TABLE `open_socket` (
	`session_id` integer NOT NULL,
	`run_id` integer NOT NULL,
	PRIMARY KEY(`session_id`, `run_id`),
	FOREIGN KEY (`session_id`) REFERENCES `session`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`run_id`) REFERENCES `run`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `open_socket_run` ON `open_socket` (`run_id`);--> statement-breakpoint
CREATE TABLE `provider_key` (
	`tenant_id` integer NOT NULL,
	`provider` text NOT NULL,
	`sealed` text NOT NULL,
	`last_four` text NOT NULL,
	`set_by` integer NOT NULL,
	`set_at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `provider`),
	FOREIGN KEY (`tenant_id`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`set_by`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
ALTER TABLE `run` ADD `options` text;