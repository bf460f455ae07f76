-- From time_ms on, samples of a series have this start time; 0: none.
CREATE TABLE start_time(
    series INTEGER NOT NULL,
    time_ms INTEGER NOT NULL,
    start_ms INTEGER NOT NULL,
    PRIMARY KEY(series, time_ms)
) STRICT, WITHOUT ROWID;

-- In the order of arrival; value: the bits of a float64, because SQLite has no NaN.
CREATE TABLE exemplar(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant INTEGER NOT NULL,
    series INTEGER NOT NULL,
    time_ms INTEGER NOT NULL,
    value INTEGER NOT NULL,
    labels BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX exemplar_by_series ON exemplar(series, time_ms, value, labels);
CREATE INDEX exemplar_by_tenant ON exemplar(tenant, time_ms);

-- Of pushed metrics, as last said.
CREATE TABLE metadata(
    tenant INTEGER NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    help TEXT NOT NULL,
    unit TEXT NOT NULL,
    PRIMARY KEY(tenant, name)
) STRICT, WITHOUT ROWID;
