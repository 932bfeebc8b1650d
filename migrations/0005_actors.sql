ALTER TABLE `audit` ADD `actor_key` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `audit` ADD `session_id` integer;--> statement-breakpoint
-- Until now every entry was a person's.
UPDATE `audit` SET `actor_kind` = 'person', `actor_key` = 'person:' || `actor_id` WHERE `actor_kind` = 'user';
--> statement-breakpoint
UPDATE `audit` SET `actor_key` = 'system:product' WHERE `actor_kind` = 'system' AND `actor_key` = '';
