-- 1: when the request was finished, no file held anything of what it had deleted.
ALTER TABLE delete_request ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;
