"""What alerting keeps: alerts, silences, the notification log, rule states, the flight record.

Invariants:
- A write's future ends when it is durable; one call is there as a whole or not at all.
- Events are the only thing that grows with time; retention takes the oldest ones.
- Values are encoded in the writer thread: callers hand over thousands on the event loop.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from appliance.model.notification import LogKey
from appliance.store.alerts import events, labels, pruning, records, states
from appliance.store.codec import Damaged
from appliance.store.database import Database
from appliance.store.directory import CHECK_AT_START_BYTES
from appliance.store.failure import FileDamaged
from appliance.store.rows import insert_rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.model.alert import Alert
    from appliance.model.alert_event import AlertEvent
    from appliance.model.labels import Labels
    from appliance.model.matcher import Matcher
    from appliance.model.notification import LogEntry
    from appliance.model.rule_alert import RuleAlert, SavedAlerts
    from appliance.model.silence import Silence
    from appliance.store.alerts.events import EventFilter
    from appliance.store.database import DatabaseOptions
    from appliance.store.retention import Pruned, Retention

T = TypeVar("T")
_log = logging.getLogger(__name__)

#: Memory of one value that waits for the writer, about.
_VALUE_BYTES = 1000
_DAY_MS = 86_400_000
#: A label set without events is kept so long: they may be on their way.
_UNUSED_KEPT_MS = 3_600_000
#: What must be sound at the start, whatever the file's size.
_VITAL = ("alert", "silence", "notification", "rule_state", "document")


class AlertStore:
    """See the module's docstring; any thread may call.

    Args:
        path: The file; made when missing.

    Raises:
        FileDamaged: What is needed from the start on lies on broken pages.
    """

    def __init__(
        self, path: Path, *, database: DatabaseOptions, clock: Clock, telemetry: Telemetry
    ) -> None:
        self._clock = clock
        self._database = Database(path, "alerts", database, telemetry)
        self._swept_ms = clock.now_ms()
        #: Alerts that are stored and whose labels are known: of them nobody need be told again.
        #: Used in the writer thread only.
        self._noted: set[int] = set()
        try:
            self._check()
        except BaseException:
            self._database.close()
            raise

    # -- alerts

    def load_alerts(self) -> list[Alert]:
        """All alerts; what is damaged is left out and logged."""
        return self._load("SELECT fingerprint, data FROM alert", records.decode_alert)

    def put_alerts(self, alerts: Sequence[Alert]) -> Future[None]:
        """Set alerts, each under its fingerprint; their labels are known from now on.

        Raises (the future, too):
            Unavailable: They cannot be stored now; nothing of them is.
        """
        now_ms, noted = self._clock.now_ms(), self._noted
        new: dict[int, Labels] = {}

        def work(connection: sqlite3.Connection) -> None:
            rows = [(records.number_of(one.fingerprint), one) for one in alerts]
            insert_rows(
                connection,
                "INSERT INTO alert(fingerprint, data) VALUES",
                ((number, records.encode_alert(one)) for number, one in rows),
                columns=2,
                tail="ON CONFLICT(fingerprint) DO UPDATE SET data=excluded.data",
            )
            new.update((number, one.labels) for number, one in rows if number not in noted)
            labels.note(connection, new.items(), now_ms)

        return self._write(work, len(alerts), then=lambda _: noted.update(new))

    def delete_alerts(self, fingerprints: Collection[str]) -> Future[None]:
        """Forget alerts; what happened to them stays in the record."""
        numbers, noted = records.numbers_of(fingerprints), self._noted

        def work(connection: sqlite3.Connection) -> None:
            noted.difference_update(numbers)
            rows = [(number,) for number in numbers]
            connection.executemany("DELETE FROM alert WHERE fingerprint = ?", rows)

        # Twice, for what the same transaction put before is noted in between.
        return self._database.write(work, then=lambda _: noted.difference_update(numbers))

    # -- silences

    def load_silences(self) -> list[Silence]:
        """All silences; what is damaged is left out and logged."""
        return self._load("SELECT id, data FROM silence ORDER BY rowid", records.decode_silence)

    def put_silences(self, silences: Sequence[Silence]) -> Future[None]:
        """Set silences, each under its id.

        Raises (the future, too):
            Unavailable: They cannot be stored now; nothing of them is.
        """

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT INTO silence(id, data) VALUES (?, ?)"
                " ON CONFLICT(id) DO UPDATE SET data=excluded.data",
                [(one.id, records.encode_silence(one)) for one in silences],
            )

        return self._write(work, len(silences))

    def delete_silences(self, ids: Collection[str]) -> Future[None]:
        """Forget silences."""
        return self._delete("DELETE FROM silence WHERE id = ?", [(one,) for one in ids])

    # -- the notification log

    def load_log(self) -> list[LogEntry]:
        """All entries; what is damaged is left out and logged."""
        return self._load(
            "SELECT group_key, receiver, integration, number, data FROM notification",
            lambda *row: records.decode_entry(LogKey(*row[:-1]), row[-1]),
        )

    def put_log(self, entries: Sequence[LogEntry]) -> Future[None]:
        """Set entries, each under its key.

        Raises (the future, too):
            Unavailable: They cannot be stored now; nothing of them is.
        """

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT INTO notification(group_key, receiver, integration, number, data)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET data=excluded.data",
                [(*one.key, records.encode_entry(one)) for one in entries],
            )

        return self._write(work, len(entries))

    def delete_log(self, keys: Collection[LogKey]) -> Future[None]:
        """Forget entries."""
        sql = (
            "DELETE FROM notification"
            " WHERE group_key = ? AND receiver = ? AND integration = ? AND number = ?"
        )
        return self._delete(sql, [tuple(key) for key in keys])

    # -- the flight record

    def append_events(self, found: Sequence[AlertEvent]) -> Future[range]:
        """Add events; the future has their ids.

        Raises (the future, too):
            BadInput: A fingerprint is none.
            Unavailable: They cannot be stored now; none of them is.
        """
        now_ms = self._clock.now_ms()

        def work(connection: sqlite3.Connection) -> range:
            return events.insert(connection, events.encode(found, self._noted), now_ms)

        return self._write(work, len(found))

    def events(self, **wanted: Unpack[EventFilter]) -> list[AlertEvent]:
        """Events that fit, by id.

        Raises:
            FileDamaged: Some cannot be read.
        """
        return self._read(lambda connection: events.select(connection, wanted))

    def event(self, number: int) -> AlertEvent | None:
        """One event, None when it is not there (any more)."""
        found = self.events(after_id=number - 1, before_id=number + 1)
        return found[0] if found else None

    def note_labels(self, found: Mapping[str, Labels]) -> Future[None]:
        """Remember what alerts are, by fingerprint."""
        now_ms = self._clock.now_ms()

        def work(connection: sqlite3.Connection) -> None:
            rows = [(records.number_of(one), named) for one, named in found.items()]
            labels.note(connection, rows, now_ms)

        return self._write(work, len(found))

    def known_labels(self, fingerprints: Iterable[str]) -> dict[str, Labels]:
        """The labels of those alerts that are known, by fingerprint."""
        return self._read(lambda connection: labels.known(connection, fingerprints))

    def find_labels(self, matchers: Sequence[Matcher], *, limit: int = 10_000) -> dict[str, Labels]:
        """Known alerts whose labels satisfy all matchers, by fingerprint; the newest first."""
        return self._read(lambda connection: labels.find(connection, tuple(matchers), limit))

    # -- rule states

    def load_rule_alerts(self, group: str) -> dict[str, SavedAlerts]:
        """The saved alerts of a group of rules, by rule; what is damaged is left out and logged."""
        return self._read(lambda connection: states.load(connection, group))

    def put_rule_alerts(
        self, group: str, rules: Mapping[str, Sequence[RuleAlert]], evaluated_ms: int
    ) -> Future[None]:
        """Save all alerts of some rules of a group; its other rules stay as they are."""
        count = sum(map(len, rules.values()))
        return self._write(lambda found: states.put(found, group, rules, evaluated_ms), count)

    def touch_rule_alerts(
        self, group: str, keys: Collection[str], evaluated_ms: int
    ) -> Future[None]:
        """Note that rules of a group were evaluated and nothing worth saving changed."""
        return self._database.write(lambda found: states.touch(found, group, keys, evaluated_ms))

    def keep_rule_alerts(self, group: str, keys: Collection[str]) -> Future[None]:
        """Forget all rules of a group but some."""
        return self._database.write(lambda found: states.keep(found, group, keys))

    # -- documents

    def get_document(self, kind: str, name: str) -> dict[str, Any] | None:
        """A small JSON object, None when there is none of this name."""
        sql = "SELECT id, data FROM document WHERE kind = ? AND id = ?"
        return dict(self._load(sql, _decode_document, (kind, name))).get(name)

    def documents(self, kind: str) -> dict[str, dict[str, Any]]:
        """All objects of a kind by name; what is damaged is left out and logged."""
        sql = "SELECT id, data FROM document WHERE kind = ? ORDER BY id"
        return dict(self._load(sql, _decode_document, (kind,)))

    def put_document(self, kind: str, name: str, document: Mapping[str, Any]) -> Future[None]:
        """Set an object."""
        data = records.pack(document)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO document(kind, id, data) VALUES (?, ?, ?)"
                " ON CONFLICT DO UPDATE SET data=excluded.data",
                (kind, name, data),
            )

        return self._write(work, 1)

    def delete_document(self, kind: str, name: str) -> Future[None]:
        """Forget an object."""
        return self._delete("DELETE FROM document WHERE kind = ? AND id = ?", [(kind, name)])

    # -- upkeep

    @property
    def seal_due(self) -> bool:
        """Never: there is no head."""
        return False

    def seal(self, *, force: bool = False) -> int:  # noqa: ARG002 - as other stores have it
        """Nothing: there is no head."""
        return 0

    def prune(self, before_ns: int, *, max_bytes: int | None = None) -> Pruned:
        """Delete events from before a time, then the oldest while the file is too large.

        Raises:
            Unavailable: The database cannot write.
        """
        now_ms = self._clock.now_ms()
        unused_ms = now_ms - _UNUSED_KEPT_MS

        def work() -> int:
            items = pruning.prune_before(self._database, before_ns, unused_ms)
            if max_bytes is not None:
                items += pruning.prune_to(self._database, max_bytes, unused_ms)
            return items

        found = pruning.pruned(self._database, work)
        if now_ms - self._swept_ms > _DAY_MS:
            self._swept_ms = now_ms
            self._database.write(lambda one: _sweep(one, now_ms)).result()
        return found

    def retain(self, retention: Retention) -> Pruned:
        """Prune by the rule that is for all; alerts have neither tenants nor streams."""
        ages = [rule.max_age_ms for rule in retention.rules if rule.tenant is None]
        before_ms = self._clock.now_ms() - ages[-1] if ages else 0
        return self.prune(before_ms * 1_000_000, max_bytes=retention.max_bytes)

    def disk_bytes(self) -> int:
        """Bytes of the file, write-ahead log included."""
        return self._database.size_bytes()

    def close(self) -> None:
        """Write what is queued, then close the file."""
        self._database.close()

    # -- inside

    def _check(self) -> None:
        """Small files were checked as a whole when they were opened."""
        if self._database.size_bytes() <= CHECK_AT_START_BYTES:
            return
        with self._database.reader() as connection:
            for table in _VITAL:
                answer = connection.execute(f"PRAGMA quick_check('{table}')").fetchone()[0]
                if answer != "ok":
                    raise FileDamaged(str(answer))

    def _write(
        self,
        work: Callable[[sqlite3.Connection], T],
        count: int,
        then: Callable[[T], None] | None = None,
    ) -> Future[T]:
        return self._database.write(work, then=then, size_bytes=count * _VALUE_BYTES)

    def _delete(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> Future[None]:
        """Deletes have no size: they are let through when the disk is full."""

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(sql, rows)

        return self._database.write(work)

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            with self._database.reader() as connection:
                return work(connection)
        except Damaged as error:
            raise FileDamaged(f"alerts.db is damaged ({error})", retry_after_seconds=60) from error

    def _load(
        self, sql: str, decode: Callable[..., T], parameters: tuple[Any, ...] = ()
    ) -> list[T]:
        found = []
        with self._database.reader() as connection:
            for row in connection.execute(sql, parameters):
                try:
                    found.append(decode(*row))
                except (Damaged, ValueError, TypeError, AttributeError) as error:
                    _log.error("alerts.db: %r is damaged and left out: %s", row[:-1], error)
        return found


def _decode_document(name: str, data: bytes) -> tuple[str, dict[str, Any]]:
    return name, records.unpack(data)


def _sweep(connection: sqlite3.Connection, now_ms: int) -> None:
    """What an interrupted or dropped write may have left behind."""
    labels.forget_unused(connection, now_ms - _DAY_MS)
    states.forget_old(connection, now_ms - _DAY_MS)
