CREATE TABLE `board_change` (
	`project_id` integer NOT NULL,
	`seq` integer NOT NULL,
	`tenant_id` integer NOT NULL,
	`change` text NOT NULL,
	PRIMARY KEY(`project_id`, `seq`),
	FOREIGN KEY (`project_id`) REFERENCES `project`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`tenant_id`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `board_change_tenant` ON `board_change` (`tenant_id`);--> statement-breakpoint
PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_open_socket` (
	`session_id` integer NOT NULL,
	`object` text NOT NULL,
	`tenant_id` integer NOT NULL,
	PRIMARY KEY(`session_id`, `object`),
	FOREIGN KEY (`session_id`) REFERENCES `session`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`tenant_id`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
INSERT INTO `__new_open_socket`("session_id", "object", "tenant_id") SELECT s.`session_id`, 'run:' || s.`run_id`, n.`tenant_id` FROM `open_socket` AS s JOIN `run_number` AS n ON n.`id` = s.`run_id`;--> statement-breakpoint
DROP TABLE `open_socket`;--> statement-breakpoint
ALTER TABLE `__new_open_socket` RENAME TO `open_socket`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE INDEX `open_socket_tenant` ON `open_socket` (`tenant_id`);--> statement-breakpoint
DROP INDEX `ticket_board`;--> statement-breakpoint
ALTER TABLE `ticket` RENAME COLUMN `rank` TO `old_rank`;--> statement-breakpoint
ALTER TABLE `ticket` ADD `rank` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `ticket` ADD `version` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `ticket` ADD `deleted_at_ms` integer;--> statement-breakpoint
UPDATE `ticket` SET `rank` = (
	SELECT 'd' || substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', (n / 238328) % 62 + 1, 1) || substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', (n / 3844) % 62 + 1, 1) || substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', (n / 62) % 62 + 1, 1) || substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', (n / 1) % 62 + 1, 1)
	FROM (SELECT `id`, row_number() OVER (PARTITION BY `project_id`, `column` ORDER BY `old_rank`, `id`) AS n FROM `ticket`) AS numbered
	WHERE numbered.`id` = `ticket`.`id`
);--> statement-breakpoint
ALTER TABLE `ticket` DROP COLUMN `old_rank`;--> statement-breakpoint
CREATE INDEX `ticket_board` ON `ticket` (`tenant_id`,`project_id`,`column`,`rank`);
