"""The log store against a plain list, under random appends, seals, reopenings and queries."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from numpy.typing import NDArray

from appliance.model.deletion import Deleted
from appliance.model.labels import Labels
from appliance.model.log import LogChunk, StreamBatch
from appliance.store.logs import inbox
from appliance.store.logs.chunks.block import decode, encode, split
from appliance.store.logs.chunks.token_filter import build_filter, decode_filter, needle_hashes
from appliance.store.logs.entries import Entries, from_batch, merge
from appliance.store.logs.store import LogOptions
from tests.random_examples import examples, scaled
from tests.store.logs.build import Bounds, Row, equal, open_store, rows, select

LABELS = [Labels.of({"app": app, "pod": pod}) for app in "ab" for pod in "xy"]
#: Mostly a narrow range, so that entries of different requests meet and tie.
TIMES = st.integers(0, 30) | st.integers(-(1 << 63), (1 << 63) - 1)
LINES = st.text(st.sampled_from('ab1_ "\n:é'), max_size=12).map(str.encode)
PAIRS = st.sampled_from([(), (("k", "v"),), (("k", "w"), ("trace", "1"))])


@st.composite
def batches(draw: st.DrawFn) -> StreamBatch:
    items = draw(st.lists(st.tuples(TIMES, LINES, PAIRS), min_size=1, max_size=8))
    has_metadata = draw(st.booleans())
    return StreamBatch(
        draw(st.sampled_from(LABELS)),
        np.array([item[0] for item in items], dtype=np.int64),
        [item[1] for item in items],
        [item[2] for item in items] if has_metadata else None,
    )


def plain(batch: StreamBatch) -> list[Row]:
    metadata = batch.metadata or [()] * len(batch.lines)
    zipped = zip(batch.timestamps_ns.tolist(), batch.lines, metadata, strict=True)
    return [(batch.labels, time, line, pairs) for time, line, pairs in zipped]


def distinct(found: list[Row]) -> list[Row]:
    """The first of each stream, time and line."""
    first: dict[object, Row] = {}
    for row in found:
        first.setdefault(row[:3], row)
    return list(first.values())


def facts(found: Entries) -> list[Row]:
    return rows(iter([found.chunk(Labels())]))


class StoreAgainstList(RuleBasedStateMachine):
    """Of exact duplicates the first one stays."""

    @initialize(
        chunk_bytes=st.sampled_from([16, 64, 1 << 20]), inbox_bytes=st.sampled_from([1, 1 << 20])
    )
    def start(self, chunk_bytes: int, inbox_bytes: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.options = LogOptions(chunk_bytes=chunk_bytes, inbox_bytes=inbox_bytes)
        self.store = open_store(Path(self.folder.name), self.options)
        self.model: list[Row] = []
        self.sent: list[StreamBatch] = []

    @rule(request=st.lists(batches(), min_size=1, max_size=4))
    def append(self, request: list[StreamBatch]) -> None:
        self.store.append("t", request).result(5)
        self.model = distinct(self.model + [row for batch in request for row in plain(batch)])
        self.sent += request

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), more=batches())
    def append_again(self, data: st.DataObject, more: StreamBatch) -> None:
        """A sender that has got no answer sends again, and more."""
        self.append([data.draw(st.sampled_from(self.sent)), more])

    @rule(force=st.booleans())
    def seal(self, force: bool) -> None:  # noqa: FBT001 - hypothesis passes it by name
        self.store.seal(force=force)

    @precondition(lambda self: self.model)
    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = open_store(Path(self.folder.name), self.options)

    @rule(start=TIMES, end=TIMES, app=st.sampled_from("abc"), backward=st.booleans())
    def query(self, start: int, end: int, app: str, backward: bool) -> None:  # noqa: FBT001
        chunks = select(self.store, equal("app", app), span=(start, end), backward=backward)
        wanted = [row for row in self.model if row[0].get("app") == app and start <= row[1] < end]
        check_order(chunks, backward=backward)
        assert per_stream(rows(iter(chunks))) == per_stream(wanted)

    @rule(needle=LINES)
    def find(self, needle: bytes) -> None:
        found = rows(iter(select(self.store, needles=(needle,))))
        kept = [row for row in found if needle in row[2]]
        assert per_stream(kept) == per_stream([row for row in self.model if needle in row[2]])

    @rule(start=TIMES, end=TIMES, app=st.sampled_from("abc"), needle=LINES | st.none())
    def delete(self, start: int, end: int, app: str, needle: bytes | None) -> None:
        def choose(chunk: LogChunk) -> NDArray[np.bool_]:
            return np.array([(needle or b"") in chunk.line(row) for row in range(len(chunk))])

        gone = [
            row
            for row in self.model
            if row[0].get("app") == app and start <= row[1] < end and (needle or b"") in row[2]
        ]
        found = self.store.delete(
            "t", (equal("app", app),), start, end, choose=None if needle is None else choose
        )
        assert found == Deleted(
            len(gone),
            sum(len(row[2]) + 1 for row in gone),
            len({row[0] for row in gone}),
            min((row[1] for row in gone), default=None),
            max((row[1] for row in gone), default=None),
        )
        self.model = [row for row in self.model if row not in gone]

    @rule(start=TIMES, end=TIMES)
    def volumes(self, start: int, end: int) -> None:
        """Sums are right, but for duplicates that are in head and chunk until they are sealed."""
        self.store.seal(force=True)
        wanted = [row for row in self.model if start <= row[1] < end]
        found = self.store.source("t").volumes((), start, end, Bounds())
        assert {one.labels: (one.entries, one.text_bytes) for one in found} == {
            labels: (len(items), sum(len(row[2]) + 1 for row in items))
            for labels, items in per_stream(wanted).items()
        }

    @rule(start=TIMES, end=TIMES)
    def labels(self, start: int, end: int) -> None:
        """Streams with data in the range are there; others only if their blocks reach over it."""
        found = set(self.store.source("t").series([], start, end))
        must = {row[0] for row in self.model if start <= row[1] <= end}
        assert must <= found <= {row[0] for row in self.model}

    @rule()
    def count(self) -> None:
        assert len(rows(iter(select(self.store)))) == len(self.model)
        self.store.seal(force=True)
        assert self.store.stats().head_items == 0

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


def per_stream(found: list[Row]) -> dict[Labels, list[Row]]:
    """Rows by stream and time; those of equal times may be in chunks of any order."""
    streams: dict[Labels, list[Row]] = {}
    for row in sorted(found, key=lambda row: row[1:]):
        streams.setdefault(row[0], []).append(row)
    return streams


def check_order(chunks: list[LogChunk], *, backward: bool) -> None:
    for chunk in chunks:
        assert (np.diff(chunk.timestamps_ns.astype(object)) >= 0).all()
    if backward:
        keys = [-int(chunk.timestamps_ns[-1]) for chunk in chunks]
    else:
        keys = [int(chunk.timestamps_ns[0]) for chunk in chunks]
    assert keys == sorted(keys)


def test_store_equals_a_plain_list() -> None:
    run_state_machine_as_test(
        StoreAgainstList,
        settings=settings(
            max_examples=scaled(40),
            stateful_step_count=15,
            suppress_health_check=list(HealthCheck),
        ),
    )


@given(st.lists(batches(), min_size=1, max_size=6), st.integers(1, 60))
@examples(100)
def test_chunks_and_inbox_rows_give_back_what_they_got(
    made: list[StreamBatch], chunk_bytes: int
) -> None:
    whole = merge([from_batch(batch) for batch in made])
    assert facts(whole) == [
        (Labels(), *row[1:])
        for row in sorted(
            distinct([(Labels(), *r[1:]) for batch in made for r in plain(batch)]),
            key=lambda row: row[1],
        )
    ]
    pieces = [encode(piece) for piece in split(whole, chunk_bytes)]
    again = [decode(piece) for piece in pieces]
    assert facts(merge(again)) == facts(whole)
    ((stream, back),) = inbox.decode_row(inbox.encode_row([(9, whole)]))
    assert (stream, facts(back)) == (9, facts(whole))


@given(st.lists(st.text(max_size=30).map(str.encode), min_size=1), st.data())
@examples(200)
def test_a_substring_of_a_line_is_never_ruled_out(lines: list[bytes], data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(lines))
    low = data.draw(st.integers(0, len(line)))
    high = data.draw(st.integers(low, len(line)))
    text = b"".join(one + b"\n" for one in lines)
    assert decode_filter(build_filter(text)).may_contain(needle_hashes((line[low:high],)))
