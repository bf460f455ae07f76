-- The latest end of a block's spans; of older blocks only their latest start is known.
ALTER TABLE block ADD COLUMN max_end_ns INTEGER NOT NULL DEFAULT 0;
UPDATE block SET max_end_ns = max_ns;

DROP INDEX block_time;
CREATE INDEX block_time ON block(tenant, max_ns, min_ns, max_end_ns, spans);
