-- Traces that somebody wants to keep: whole, and whatever retention does to the others.
CREATE TABLE trace (
    tenant TEXT NOT NULL,
    id BLOB NOT NULL,
    archived_ms INTEGER NOT NULL,
    spans BLOB NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT
