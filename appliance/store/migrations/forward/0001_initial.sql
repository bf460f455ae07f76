-- Samples that wait to be sent to other servers, and how far each of those has got.
CREATE TABLE item (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    samples INTEGER NOT NULL,
    data BLOB NOT NULL
);
CREATE TABLE position (
    remote TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
) WITHOUT ROWID;
