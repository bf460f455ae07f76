"""What alerts were: label sets by fingerprint, for as long as there are events about them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from appliance.model.labels import Labels
from appliance.model.matcher import MatchOp, matches_all
from appliance.store.alerts.records import fingerprint_of, numbers_of
from appliance.store.rows import insert_rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from appliance.model.matcher import Matcher

_SQL_NOTE = "INSERT OR IGNORE INTO label_set(fingerprint, labels, noted_ms) VALUES"


def note(connection: sqlite3.Connection, rows: Iterable[tuple[int, Labels]], now_ms: int) -> None:
    """Remember label sets; those that are known stay as they are."""
    noted = ((number, labels.encode(), now_ms) for number, labels in rows)
    insert_rows(connection, _SQL_NOTE, noted, columns=3)


def known(connection: sqlite3.Connection, fingerprints: Iterable[str]) -> dict[str, Labels]:
    """The label sets of those fingerprints that are known."""
    rows = connection.execute(
        "SELECT fingerprint, labels FROM label_set"
        " WHERE fingerprint IN (SELECT value FROM json_each(?))",
        (json.dumps(numbers_of(fingerprints)),),
    )
    return {fingerprint_of(number): Labels.decode(key) for number, key in rows}


def find(
    connection: sqlite3.Connection, matchers: tuple[Matcher, ...], limit: int
) -> dict[str, Labels]:
    """Known label sets that satisfy all matchers; those noted last first."""
    conditions, parameters = _prefilter(matchers)
    rows = connection.execute(
        f"SELECT fingerprint, labels FROM label_set {conditions} ORDER BY noted_ms DESC",  # noqa: S608 - constants
        parameters,
    )
    found: dict[str, Labels] = {}
    for number, key in rows:
        labels = Labels.decode(key)
        if matches_all(matchers, labels):
            found[fingerprint_of(number)] = labels
            if len(found) >= limit:
                break
    return found


def _prefilter(matchers: Iterable[Matcher]) -> tuple[str, list[bytes]]:
    """A condition that leaves out most of what does not match: its bytes are not in the key."""
    needles = [
        one.name.encode() + b"\xff" + one.value.encode()
        for one in matchers
        if one.op is MatchOp.EQUAL and one.value
    ]
    conditions = " AND ".join(["instr(labels, ?)"] * len(needles))
    return (f"WHERE {conditions}" if needles else ""), needles


def forget_unused(
    connection: sqlite3.Connection, before_ms: int, among: Mapping[int, object] | None = None
) -> None:
    """Delete label sets that no alert and no event refers to.

    Args:
        before_ms: Only those noted before; the event of a newer one may be on its way.
        among: Look at these only.
    """
    condition = (
        " noted_ms < ?"
        " AND NOT EXISTS (SELECT 1 FROM alert WHERE alert.fingerprint = label_set.fingerprint)"
        " AND NOT EXISTS (SELECT 1 FROM event INDEXED BY event_set"
        " WHERE alert_set <> 0 AND alert_set = label_set.fingerprint)"
        " AND NOT EXISTS (SELECT 1 FROM member WHERE member.fingerprint = label_set.fingerprint)"
    )
    if among is None:
        connection.execute(f"DELETE FROM label_set WHERE {condition}", (before_ms,))  # noqa: S608
    else:
        connection.executemany(
            f"DELETE FROM label_set WHERE fingerprint = ? AND {condition}",  # noqa: S608
            [(number, before_ms) for number in among],
        )
