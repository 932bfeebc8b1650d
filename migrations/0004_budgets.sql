CREATE TABLE `budget_day` (
	`run_id` integer NOT NULL,
	`day` text NOT NULL,
	`tenant_id` integer NOT NULL,
	`project_id` integer NOT NULL,
	`spent_micros` integer NOT NULL,
	`unpriced_calls` integer NOT NULL,
	PRIMARY KEY(`run_id`, `day`),
	FOREIGN KEY (`run_id`) REFERENCES `run`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`tenant_id`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`project_id`) REFERENCES `project`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `budget_day_tenant` ON `budget_day` (`tenant_id`,`day`);--> statement-breakpoint
CREATE TABLE `budget_month` (
	`project_id` integer NOT NULL,
	`month` text NOT NULL,
	`tenant_id` integer NOT NULL,
	`spent_micros` integer NOT NULL,
	`unpriced_calls` integer NOT NULL,
	`unpriced_accepted` integer NOT NULL,
	`warned_run_id` integer,
	PRIMARY KEY(`project_id`, `month`),
	FOREIGN KEY (`project_id`) REFERENCES `project`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`tenant_id`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `budget_reservation` (
	`run_id` integer PRIMARY KEY NOT NULL,
	`tenant_id` integer NOT NULL,
	`project_id` integer NOT NULL,
	`call_id` text NOT NULL,
	`micros` integer NOT NULL,
	`at_ms` integer NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`project_id`) REFERENCES `project`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `budget_reservation_project` ON `budget_reservation` (`project_id`,`at_ms`);--> statement-breakpoint
CREATE TABLE `tenant_model` (
	`tenant_id` integer NOT NULL,
	`model_id` text NOT NULL,
	`provider` text NOT NULL,
	`name` text NOT NULL,
	`enabled` integer NOT NULL,
	`is_default` integer NOT NULL,
	`updated_by` integer,
	`updated_at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `model_id`),
	FOREIGN KEY (`tenant_id`) REFERENCES `organization`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`updated_by`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
ALTER TABLE `project` ADD `month_budget_micros` integer;--> statement-breakpoint
ALTER TABLE `project` ADD `run_limits` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `run` ADD `limit_stage_turns` integer;--> statement-breakpoint
ALTER TABLE `run` ADD `limit_stage_wall_time_ms` integer;
--> statement-breakpoint
-- Runs that have ended will not tell what they spent: it counts on the day on which they ended. The others tell it themselves.
INSERT INTO `budget_day` (`run_id`, `day`, `tenant_id`, `project_id`, `spent_micros`, `unpriced_calls`)
SELECT `id`, date(`finished_at_ms` / 1000, 'unixepoch'), `tenant_id`, `project_id`, coalesce(`cost_micros`, 0), iif(`cost_micros` IS NULL, 1, 0)
FROM `run` WHERE `finished_at_ms` IS NOT NULL;
--> statement-breakpoint
INSERT INTO `budget_month` (`project_id`, `month`, `tenant_id`, `spent_micros`, `unpriced_calls`, `unpriced_accepted`)
SELECT `project_id`, substr(`day`, 1, 7), `tenant_id`, sum(`spent_micros`), sum(`unpriced_calls`), 0
FROM `budget_day` GROUP BY `project_id`, substr(`day`, 1, 7);
