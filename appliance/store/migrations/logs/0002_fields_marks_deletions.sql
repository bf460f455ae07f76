-- 1: no entry of the chunk (same time, same line) is in an older chunk of the stream too.
-- Read from the indexes only: in the row it lies behind the text.
ALTER TABLE chunk ADD COLUMN is_distinct INTEGER NOT NULL DEFAULT 0;

-- The indexes tell all that listing and measuring need.
DROP INDEX chunk_stream;
DROP INDEX chunk_time;
CREATE INDEX chunk_stream
  ON chunk(stream, max_ns, min_ns, entries, raw_bytes, is_distinct);
CREATE INDEX chunk_time
  ON chunk(tenant, max_ns, min_ns, stream, entries, raw_bytes, is_distinct);

-- What a parser finds in a chunk's lines, as columns; a cache, which may be absent: logs/chunks/fields.py.
CREATE TABLE chunk_fields(chunk INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TRIGGER chunk_gone AFTER DELETE ON chunk BEGIN
  DELETE FROM chunk_fields WHERE chunk = OLD.id;
END;

-- Positions that are durable together with the entries read up to them.
CREATE TABLE mark(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Requests to delete entries; the last columns tell what has been removed so far.
CREATE TABLE delete_request(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL,
  query TEXT NOT NULL,
  start_ns INTEGER NOT NULL,
  end_ns INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  state TEXT NOT NULL,
  processed_ms INTEGER,
  entries INTEGER NOT NULL DEFAULT 0,
  text_bytes INTEGER NOT NULL DEFAULT 0,
  oldest_ns INTEGER,
  newest_ns INTEGER
) STRICT;

-- Streams that lost entries by a request.
CREATE TABLE delete_stream(
  request INTEGER NOT NULL,
  stream INTEGER NOT NULL,
  PRIMARY KEY (request, stream)
) STRICT, WITHOUT ROWID;
