-- Full text over runs, by trigrams so that parts of words are found. The index holds no text of its own.
CREATE VIRTUAL TABLE `run_search` USING fts5(title, prompt, search_text, content='run', content_rowid='id', tokenize='trigram');
--> statement-breakpoint
INSERT INTO `run_search` (`run_search`) VALUES ('rebuild');
--> statement-breakpoint
CREATE TRIGGER `run_search_insert` AFTER INSERT ON `run` BEGIN
	INSERT INTO `run_search` (rowid, title, prompt, search_text) VALUES (new.id, new.title, new.prompt, new.search_text);
END;
--> statement-breakpoint
CREATE TRIGGER `run_search_delete` AFTER DELETE ON `run` BEGIN
	INSERT INTO `run_search` (`run_search`, rowid, title, prompt, search_text) VALUES ('delete', old.id, old.title, old.prompt, old.search_text);
END;
--> statement-breakpoint
CREATE TRIGGER `run_search_update` AFTER UPDATE OF title, prompt, search_text ON `run` WHEN old.search_text <> new.search_text OR old.title <> new.title OR old.prompt <> new.prompt BEGIN
	INSERT INTO `run_search` (`run_search`, rowid, title, prompt, search_text) VALUES ('delete', old.id, old.title, old.prompt, old.search_text);
	INSERT INTO `run_search` (rowid, title, prompt, search_text) VALUES (new.id, new.title, new.prompt, new.search_text);
END;
