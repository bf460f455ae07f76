CREATE TABLE tenant(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

-- Inbox rows up to sealed_row hold nothing of the stream that is not in a chunk (or pruned) by now.
CREATE TABLE stream(
  id INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  labels BLOB NOT NULL,
  sealed_row INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Acknowledged requests, one row each, while a stream's entries in them are unsealed; logs/inbox.py.
CREATE TABLE inbox(id INTEGER PRIMARY KEY AUTOINCREMENT, data BLOB NOT NULL) STRICT;

-- Sealed entries of one stream; min_ns and max_ns are both included. Numbers are never used twice.
-- The text comes last, so that reading the other columns does not walk its overflow pages.
CREATE TABLE chunk(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant INTEGER NOT NULL,
  stream INTEGER NOT NULL,
  min_ns INTEGER NOT NULL,
  max_ns INTEGER NOT NULL,
  entries INTEGER NOT NULL,
  raw_bytes INTEGER NOT NULL,
  stored_bytes INTEGER NOT NULL,
  filter BLOB NOT NULL,
  times BLOB NOT NULL,
  lengths BLOB,
  metadata BLOB,
  text BLOB NOT NULL
) STRICT;
CREATE INDEX chunk_stream ON chunk(stream, max_ns, min_ns);
CREATE INDEX chunk_time ON chunk(tenant, max_ns, min_ns, stream);
