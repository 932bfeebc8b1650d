ALTER TABLE `project` ADD `delivery` text DEFAULT 'all_or_none' NOT NULL;--> statement-breakpoint
ALTER TABLE `project_repository` ADD `depends_on` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `project_repository` ADD `test_command` text;--> statement-breakpoint
ALTER TABLE `run` ADD `lanes` text;