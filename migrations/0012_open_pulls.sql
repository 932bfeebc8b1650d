ALTER TABLE `run` ADD `has_open_pulls` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `run` ADD `pulls_due_at_ms` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `run_open_pulls` ON `run` (`pulls_due_at_ms`) WHERE has_open_pulls = 1;--> statement-breakpoint
UPDATE `run` SET `has_open_pulls` = 1 WHERE `finished_at_ms` IS NOT NULL AND `mode` <> 'review' AND (instr(`lanes`, '"state":"open"') > 0 OR (`lanes` IS NULL AND `pr_state` = 'open'));
