PRAGMA foreign_keys=OFF;--> statement-breakpoint
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
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE INDEX `open_socket_run` ON `open_socket` (`run_id`);