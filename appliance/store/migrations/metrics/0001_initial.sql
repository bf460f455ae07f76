CREATE TABLE tenant(
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- Label sets: names and values joined by 0xFF.
CREATE TABLE series(
    id INTEGER PRIMARY KEY,
    tenant INTEGER NOT NULL,
    labels BLOB NOT NULL
) STRICT;

-- The row order of blocks: int64 series ids, sorted by their labels.
CREATE TABLE series_set(
    id INTEGER PRIMARY KEY,
    tenant INTEGER NOT NULL,
    refs BLOB NOT NULL
) STRICT;

CREATE TABLE block(
    id INTEGER PRIMARY KEY,
    tenant INTEGER NOT NULL,
    series_set INTEGER NOT NULL,
    min_ms INTEGER NOT NULL,
    max_ms INTEGER NOT NULL,
    series_count INTEGER NOT NULL,
    sample_count INTEGER NOT NULL,
    data BLOB NOT NULL
) STRICT;

CREATE INDEX block_by_set ON block(series_set, max_ms, min_ms, id);
CREATE INDEX block_by_age ON block(max_ms, series_set, id);

-- Who an inbox row belongs to; without a name: the loose samples of a tenant.
CREATE TABLE scrape_group(
    id INTEGER PRIMARY KEY,
    tenant INTEGER NOT NULL,
    name TEXT
) STRICT;

-- Requests not yet in blocks; id = scrape_group << 40 | number of the commit.
CREATE TABLE inbox(
    id INTEGER PRIMARY KEY,
    data BLOB NOT NULL
) STRICT;
