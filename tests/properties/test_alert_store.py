"""The alert store against plain lists: what is put is there, events are found by all conditions."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.model.alert import Alert
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.model.labels import Labels
from appliance.model.matcher import Matcher, MatchOp, matches_all
from appliance.store.alerts.records import (
    decode_alert,
    encode_alert,
    fingerprint_of,
    number_of,
    pack,
    unpack,
)
from appliance.store.alerts.store import AlertStore
from appliance.store.database import DatabaseOptions
from tests.random_examples import examples

NAMES = [f"{number * 0x1F3D5B79A86420FF % 2**64:016x}" for number in range(1, 6)]
KINDS = (EventKind.RECEIVED, EventKind.FLUSHED, EventKind.NOTIFIED)
TIMES_NS = st.integers(1, 12)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
FAR_NS = st.integers(-(10**21), 10**21)


def subsets(of: Any, most: int) -> Any:
    return st.lists(st.sampled_from(of), max_size=most, unique=True).map(tuple)


EVENTS = st.builds(
    AlertEvent,
    at_ns=TIMES_NS,
    kind=st.sampled_from(KINDS),
    fingerprints=subsets(NAMES, 4),
    group_key=st.sampled_from(["", "g", "h"]),
    receiver=st.sampled_from(["", "r", "s"]),
    detail=st.dictionaries(TEXT, TEXT | st.integers(-5, 5) | st.none(), max_size=2),
)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "fingerprints": subsets(NAMES, 3),
        "group_key": st.sampled_from(["", "g", "h", "none"]),
        "receiver": st.sampled_from(["", "r", "s"]),
        "kinds": subsets(KINDS, 2),
        "start_ns": st.just(0) | TIMES_NS,
        "end_ns": st.just(0) | TIMES_NS,
        "after_id": st.integers(0, 15),
        "before_id": st.integers(0, 15),
        "limit": st.integers(1, 10),
        "newest_first": st.booleans(),
    },
)


def plain(events: list[AlertEvent], wanted: dict[str, Any]) -> list[AlertEvent]:
    """The same by looking at every event."""
    found = [
        one
        for one in events
        if (not wanted.get("fingerprints") or set(one.fingerprints) & set(wanted["fingerprints"]))
        and wanted.get("group_key", "") in {"", one.group_key}
        and wanted.get("receiver", "") in {"", one.receiver}
        and (not wanted.get("kinds") or one.kind in wanted["kinds"])
        and one.at_ns >= wanted.get("start_ns", 0)
        and one.at_ns < (wanted.get("end_ns", 0) or 99)
        and one.id > wanted.get("after_id", 0)
        and one.id < (wanted.get("before_id", 0) or 99)
    ]
    if wanted.get("newest_first"):
        found.reverse()
    return found[: wanted.get("limit", 1000)]


@examples(25)
@given(
    batches=st.lists(st.lists(EVENTS, max_size=5), max_size=3),
    prune_ns=st.none() | TIMES_NS,
    filters=st.lists(FILTERS, min_size=1, max_size=5),
)
def test_events_are_found_as_in_a_list(
    batches: list[list[AlertEvent]], prune_ns: int | None, filters: list[dict[str, Any]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = AlertStore(
            Path(folder) / "alerts.db",
            database=DatabaseOptions(synchronous="OFF"),
            clock=ManualClock(),
            telemetry=Telemetry(),
        )
        for batch in batches:
            store.append_events(batch).result(5)
        told = [event for batch in batches for event in batch]
        expected = [
            AlertEvent(
                one.at_ns, one.kind, one.fingerprints, one.group_key, one.receiver, one.detail, n
            )
            for n, one in enumerate(told, start=1)
        ]
        if prune_ns is not None:
            store.prune(prune_ns)
            expected = [one for one in expected if one.at_ns >= prune_ns]
        assert store.events() == expected
        for wanted in filters:
            assert store.events(**wanted) == plain(expected, wanted)
        store.close()


LABELS = st.dictionaries(TEXT.filter(bool), TEXT.filter(bool), max_size=4).map(Labels.of)


@given(st.builds(Alert, LABELS, st.dictionaries(TEXT, TEXT), FAR_NS, FAR_NS, FAR_NS, TEXT))
def test_alerts_are_decoded_as_they_were(alert: Alert) -> None:
    number = number_of(alert.fingerprint)
    assert fingerprint_of(number) == alert.fingerprint
    assert decode_alert(number, encode_alert(alert)) == alert


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@examples(40)
@given(JSON)
def test_any_json_is_unpacked_as_it_was(value: Any) -> None:
    assert unpack(pack(value)) == value or "inf" in repr(value)


@examples(25)
@given(
    sets=st.lists(LABELS, max_size=6),
    matchers=st.lists(
        st.builds(Matcher, TEXT.filter(bool), st.sampled_from(MatchOp), st.sampled_from("ab")),
        max_size=2,
    ),
)
def test_labels_are_found_as_by_matching_each(sets: list[Labels], matchers: list[Matcher]) -> None:
    taken = [Matcher(n, MatchOp.EQUAL, v) for labels in sets[:1] for n, v in labels]
    with tempfile.TemporaryDirectory() as folder:
        store = AlertStore(
            Path(folder) / "alerts.db",
            database=DatabaseOptions(synchronous="OFF"),
            clock=ManualClock(),
            telemetry=Telemetry(),
        )
        store.put_alerts([Alert(labels, {}, 0, 0, 0) for labels in sets]).result(5)
        for wanted in (matchers, taken, [*matchers, *taken]):
            expected = {labels for labels in sets if matches_all(tuple(wanted), labels)}
            assert set(store.find_labels(wanted).values()) == expected
        store.close()
