-- Groups of pushed metrics, whole: a push replaces the row of its group.
CREATE TABLE push_group (
    key BLOB PRIMARY KEY,
    data BLOB NOT NULL
) STRICT
