-- Alerts, silences and the notification log, each as JSON; times in it are texts, because years
-- beyond 2262 do not fit in 64 bits. A fingerprint is a number here: its 64 bits, signed.
CREATE TABLE alert(fingerprint INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE silence(id TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE notification(
  group_key TEXT NOT NULL,
  receiver TEXT NOT NULL,
  integration TEXT NOT NULL,
  number INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY(group_key, receiver, integration, number)
) STRICT;

-- The alerts of a rule, all in one value (JSON, zstd), and when the rule was evaluated last.
CREATE TABLE rule_state(
  rule_group TEXT NOT NULL,
  key TEXT NOT NULL,
  evaluated_ms INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY(rule_group, key)
) STRICT;

CREATE TABLE document(
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY(kind, id)
) STRICT;

-- The flight record. alert_set: which alerts an event is about: 0 for none, the fingerprint of a
-- single one, else a row of alert_set. place: a row of place, 0 for none.
CREATE TABLE event(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ns INTEGER NOT NULL,
  kind TEXT NOT NULL,
  alert_set INTEGER NOT NULL,
  place INTEGER NOT NULL,
  detail BLOB
) STRICT;
CREATE INDEX event_set ON event(alert_set) WHERE alert_set <> 0;
CREATE INDEX event_place ON event(place) WHERE place <> 0;
CREATE INDEX event_time ON event(at_ns);

-- Several alerts that events are about, together: fingerprints of 8 bytes each; id is their hash,
-- so that all events of one flush share a row.
CREATE TABLE alert_set(id INTEGER PRIMARY KEY, members BLOB NOT NULL) STRICT;
CREATE TABLE member(
  fingerprint INTEGER NOT NULL,
  alert_set INTEGER NOT NULL,
  PRIMARY KEY(fingerprint, alert_set)
) STRICT, WITHOUT ROWID;

-- id is the hash of the other two.
CREATE TABLE place(
  id INTEGER PRIMARY KEY,
  group_key TEXT NOT NULL,
  receiver TEXT NOT NULL
) STRICT;
CREATE INDEX place_group ON place(group_key);
CREATE INDEX place_receiver ON place(receiver);

-- What alerts were, for as long as there are events about them; labels: names and values joined by
-- 0xFF.
CREATE TABLE label_set(
  fingerprint INTEGER PRIMARY KEY,
  labels BLOB NOT NULL,
  noted_ms INTEGER NOT NULL
) STRICT;
