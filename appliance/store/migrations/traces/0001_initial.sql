CREATE TABLE tenant(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

-- Acknowledged requests that are not in a block yet; one row each, see traces/inbox.py.
CREATE TABLE inbox(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant INTEGER NOT NULL,
  data BLOB NOT NULL
) STRICT;

-- Sealed blocks; min_ns and max_ns are of span starts, both included. Numbers are never used twice.
CREATE TABLE block(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant INTEGER NOT NULL,
  min_ns INTEGER NOT NULL,
  max_ns INTEGER NOT NULL,
  spans INTEGER NOT NULL,
  traces INTEGER NOT NULL,
  raw_bytes INTEGER NOT NULL,
  stored_bytes INTEGER NOT NULL
) STRICT;
CREATE INDEX block_time ON block(tenant, max_ns, min_ns, spans);

-- id is (block << 16 | ordinal); traces/layout.py lists the ordinals.
CREATE TABLE block_column(id INTEGER PRIMARY KEY, name TEXT NOT NULL, data BLOB NOT NULL) STRICT;

-- A bloom filter of a block's trace ids.
CREATE TABLE trace_filter(block INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;

-- Span names in sealed blocks, and the newest block that has them.
CREATE TABLE operation(
  tenant INTEGER NOT NULL,
  service TEXT NOT NULL,
  name TEXT NOT NULL,
  kind INTEGER NOT NULL,
  block INTEGER NOT NULL,
  PRIMARY KEY(tenant, service, name, kind)
) STRICT, WITHOUT ROWID;
