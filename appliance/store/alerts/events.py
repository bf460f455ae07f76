"""The flight record of alerts: rows of events, and how they are found.

Invariant: ids ascend in the order of commits, so who reads on after an id misses nothing.
"""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict

from appliance.model.alert_event import AlertEvent, EventKind
from appliance.model.labels import Labels
from appliance.store.alerts.labels import note
from appliance.store.alerts.records import fingerprint_of, number_of, numbers_of, pack, unpack
from appliance.store.rows import insert_rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Container, Iterable, Mapping, Sequence

#: Memory of an event besides its detail, about.
_EVENT_BYTES = 200
_KINDS = {kind.value: kind for kind in EventKind}
_SQL_ADD = "INSERT INTO event(id, at_ns, kind, alert_set, place, detail) VALUES"


class EventFilter(TypedDict, total=False):
    """Which events; all conditions must hold.

    Attributes:
        fingerprints: About at least one of these alerts; empty: any.
        kinds: Of one of these; empty: any.
        start_ns, end_ns: From the first on, before the second; 0: no bound.
        after_id, before_id: Both excluded; 0: no bound.
        limit: Most events.
        newest_first: Else the oldest ones, in their order.
    """

    fingerprints: Collection[str]
    group_key: str
    receiver: str
    kinds: Collection[EventKind]
    start_ns: int
    end_ns: int
    after_id: int
    before_id: int
    limit: int
    newest_first: bool


@dataclass(slots=True)
class EventRows:
    """Events as rows.

    Attributes:
        rows: Without their ids.
        sets, places: What rows refer to, by id.
        labels: Label sets that events told, by fingerprint.
        size_bytes: What they keep in memory.
    """

    rows: list[tuple[int, str, int, int, bytes | None]] = field(default_factory=list)
    sets: dict[int, list[int]] = field(default_factory=dict)
    places: dict[int, tuple[str, str]] = field(default_factory=dict)
    labels: dict[int, Labels] = field(default_factory=dict)
    size_bytes: int = 0


def encode(events: Iterable[AlertEvent], known: Container[int] = ()) -> EventRows:
    """Events as rows; a label set in `labels` of the detail of an event about one alert is its.

    Args:
        known: Alerts whose label sets need not be told.

    Raises:
        BadInput: A fingerprint is none.
    """
    found = EventRows()
    sets: dict[tuple[str, ...], int] = {(): 0}
    places: dict[tuple[str, str], int] = {("", ""): 0}
    for event in events:
        which = sets.get(event.fingerprints)
        if which is None:
            which = sets[event.fingerprints] = _set_number(event.fingerprints, found.sets)
        key = (event.group_key, event.receiver)
        place = places.get(key)
        if place is None:
            place = places[key] = _hash("\0".join(key).encode())
            found.places[place] = key
        detail = pack(event.detail) if event.detail else None
        found.rows.append((event.at_ns, event.kind.value, which, place, detail))
        found.size_bytes += _EVENT_BYTES + len(detail or b"")
        if which and len(event.fingerprints) == 1 and which not in known:
            _note_labels(found.labels, which, event.detail)
    return found


def _set_number(fingerprints: tuple[str, ...], sets: dict[int, list[int]]) -> int:
    """The number of a set of alerts: of one alert, its own."""
    members = [number_of(one) for one in fingerprints]
    if len(members) == 1:
        return members[0]
    number = _hash(_pack_members(members))
    sets[number] = members
    return number


def _note_labels(known: dict[int, Labels], number: int, detail: Mapping[str, Any]) -> None:
    labels = detail.get("labels")
    if isinstance(labels, Labels):
        known.setdefault(number, labels)
    elif isinstance(labels, dict) and number not in known:
        if set(map(type, labels.values())) != {str}:
            labels = {str(name): str(value) for name, value in labels.items()}
        known[number] = Labels.of(labels)


def _hash(text: bytes) -> int:
    digest = hashlib.blake2b(text, digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True) or 1


def _pack_members(members: Sequence[int]) -> bytes:
    return struct.pack(f">{len(members)}q", *members)


def insert(connection: sqlite3.Connection, encoded: EventRows, now_ms: int) -> range:
    """Add events; the result has their ids."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'event'").fetchone()
    first = (row[0] if row else 0) + 1
    ids = range(first, first + len(encoded.rows))
    rows = ((number, *row) for number, row in zip(ids, encoded.rows, strict=True))
    insert_rows(connection, _SQL_ADD, rows, columns=6)
    insert_rows(
        connection,
        "INSERT OR IGNORE INTO place(id, group_key, receiver) VALUES",
        ((number, *key) for number, key in encoded.places.items()),
        columns=3,
    )
    for number, members in encoded.sets.items():
        cursor = connection.execute(
            "INSERT OR IGNORE INTO alert_set(id, members) VALUES (?, ?)",
            (number, _pack_members(members)),
        )
        if cursor.rowcount > 0:
            insert_rows(
                connection,
                "INSERT OR IGNORE INTO member(fingerprint, alert_set) VALUES",
                ((member, number) for member in sorted(members)),
                columns=2,
            )
    note(connection, encoded.labels.items(), now_ms)
    return ids


# -- reading


def select(connection: sqlite3.Connection, wanted: EventFilter) -> list[AlertEvent]:
    """Events that fit."""
    source, conditions, parameters = _where(wanted)
    order = "DESC" if wanted.get("newest_first") else "ASC"
    sql = f"SELECT id FROM {source} WHERE {conditions} ORDER BY id {order} LIMIT ?"  # noqa: S608 - constants
    rows = connection.execute(sql, [*parameters, wanted.get("limit", 1000)])
    ids = [row[0] for row in rows]
    found = {event.id: event for event in _fetch(connection, ids)}
    return [found[number] for number in ids if number in found]


def _where(wanted: EventFilter) -> tuple[str, str, list[Any]]:
    """Table with the index to use, conditions, parameters.

    The index is named because the planner would rather walk all events than sort some.
    """
    sources: list[str] = []
    terms: list[tuple[str, tuple[Any, ...]]] = [("1", ())]
    if fingerprints := wanted.get("fingerprints"):
        sources.append("event_set")
        terms.append(_of_alerts(fingerprints))
    group_key, receiver = wanted.get("group_key", ""), wanted.get("receiver", "")
    if group_key or receiver:
        sources.append("event_place")
        terms.append(_of_place(group_key, receiver))
    if kinds := wanted.get("kinds"):
        names = json.dumps([kind.value for kind in kinds])
        terms.append(("kind IN (SELECT value FROM json_each(?))", (names,)))
    if start_ns := wanted.get("start_ns"):
        sources.append("event_time")
        terms.append(("at_ns >= ?", (start_ns,)))
    if end_ns := wanted.get("end_ns"):
        terms.append(("at_ns < ?", (end_ns,)))
    if after_id := wanted.get("after_id"):
        terms.append(("id > ?", (after_id,)))
    if before_id := wanted.get("before_id"):
        terms.append(("id < ?", (before_id,)))
    source = f"event INDEXED BY {sources[0]}" if sources else "event"
    conditions = " AND ".join(condition for condition, _ in terms)
    return source, conditions, [value for _, values in terms for value in values]


def _of_alerts(fingerprints: Iterable[str]) -> tuple[str, tuple[Any, ...]]:
    numbers = json.dumps(numbers_of(fingerprints))
    condition = (
        "alert_set <> 0 AND alert_set IN (SELECT value FROM json_each(?) UNION SELECT alert_set"
        " FROM member WHERE fingerprint IN (SELECT value FROM json_each(?)))"
    )
    return condition, (numbers, numbers)


def _of_place(group_key: str, receiver: str) -> tuple[str, tuple[Any, ...]]:
    given = {"group_key": group_key, "receiver": receiver}
    columns = [name for name, value in given.items() if value]
    where = " AND ".join(f"{name} = ?" for name in columns)
    condition = f"place <> 0 AND place IN (SELECT id FROM place WHERE {where})"  # noqa: S608
    return condition, tuple(given[name] for name in columns)


def _fetch(connection: sqlite3.Connection, ids: Sequence[int]) -> list[AlertEvent]:
    rows = connection.execute(
        "SELECT event.id, at_ns, kind, alert_set, group_key, receiver, detail"
        " FROM event LEFT JOIN place ON place.id = event.place"
        " WHERE event.id IN (SELECT value FROM json_each(?))",
        (json.dumps(ids),),
    ).fetchall()
    sets = _members(connection, {row[3] for row in rows})
    return [
        AlertEvent(
            at_ns=at_ns,
            kind=_KINDS[kind],
            fingerprints=sets[which],
            group_key=group_key or "",
            receiver=receiver or "",
            detail=unpack(detail) if detail is not None else {},
            id=number,
        )
        for number, at_ns, kind, which, group_key, receiver, detail in rows
        if kind in _KINDS
    ]


def _members(connection: sqlite3.Connection, sets: set[int]) -> dict[int, tuple[str, ...]]:
    """The fingerprints of sets; what is no row is a single alert."""
    rows = connection.execute(
        "SELECT id, members FROM alert_set WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(sets)),),
    )
    found: dict[int, tuple[str, ...]] = {number: (fingerprint_of(number),) for number in sets}
    for number, members in rows:
        unpacked = struct.unpack(f">{len(members) // 8}q", members)
        found[number] = tuple(map(fingerprint_of, unpacked))
    found[0] = ()
    return found
