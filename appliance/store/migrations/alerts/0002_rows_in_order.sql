-- Rows in the order in which alerts came instead of by fingerprint, which is random: alerts that are
-- told of together lie together, so that a report of a hundred writes some pages and not a hundred.
CREATE TABLE alert_in_order(
  id INTEGER PRIMARY KEY,
  fingerprint INTEGER NOT NULL UNIQUE,
  data BLOB NOT NULL
) STRICT;
INSERT INTO alert_in_order(fingerprint, data) SELECT fingerprint, data FROM alert;
DROP TABLE alert;
ALTER TABLE alert_in_order RENAME TO alert;

CREATE TABLE label_set_in_order(
  id INTEGER PRIMARY KEY,
  fingerprint INTEGER NOT NULL UNIQUE,
  labels BLOB NOT NULL,
  noted_ms INTEGER NOT NULL
) STRICT;
INSERT INTO label_set_in_order(fingerprint, labels, noted_ms)
  SELECT fingerprint, labels, noted_ms FROM label_set;
DROP TABLE label_set;
ALTER TABLE label_set_in_order RENAME TO label_set;
