CREATE TABLE `connector_visibility` (
	`user_id` integer NOT NULL,
	`connector_id` integer NOT NULL,
	`answered_at_ms` integer,
	`reaches_installation` integer DEFAULT false NOT NULL,
	`asked_at_ms` integer NOT NULL,
	`problem` text,
	PRIMARY KEY(`user_id`, `connector_id`),
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`connector_id`) REFERENCES `connector`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `connector_visibility_connector` ON `connector_visibility` (`connector_id`);--> statement-breakpoint
CREATE TABLE `repository_visibility` (
	`user_id` integer NOT NULL,
	`connector_id` integer NOT NULL,
	`external_id` text NOT NULL,
	PRIMARY KEY(`user_id`, `connector_id`, `external_id`),
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`connector_id`) REFERENCES `connector`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `repository_visibility_connector` ON `repository_visibility` (`connector_id`);