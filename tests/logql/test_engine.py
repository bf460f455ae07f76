"""Evaluation of log queries."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.base.errors import LimitExceeded, TimedOut
from appliance.logql.engine import evaluate
from appliance.logql.parser import parse
from appliance.model.value import Streams
from tests.sources import Entry, PlainLogs, labels, make_guard

A, B = labels(app="x", pod="a"), labels(app="x", pod="b")
OTHER = labels(app="y")


def source(**more: Any) -> PlainLogs:
    return PlainLogs(
        {
            B: [Entry(at, f"b {at}") for at in (5, 1, 3, 7)],
            A: [
                Entry(at, f"a {at}", (("trace", "t"),) if at == 4 else ()) for at in range(0, 9, 2)
            ],
            OTHER: [Entry(2, "y 2")],
        },
        **more,
    )


def run(text: str = '{app="x"}', **changes: Any) -> list[tuple[str, list[str]]]:
    options: dict[str, Any] = {"start_ns": 0, "end_ns": 100, "limit": 100, "backward": False}
    options |= {"guard": make_guard(), **changes}
    logs = options.pop("source", None) or source()
    found = evaluate(parse(text), logs, **options).value
    assert isinstance(found, Streams)
    return [(s.labels.get("pod"), [line for _, line, _ in s.entries]) for s in found.streams]


def test_streams_are_sorted_and_entries_ascend() -> None:
    assert run() == [
        ("a", ["a 0", "a 2", "a 4", "a 6", "a 8"]),
        ("b", ["b 1", "b 3", "b 5", "b 7"]),
    ]


def test_newest_first() -> None:
    assert run(backward=True) == [
        ("a", ["a 8", "a 6", "a 4", "a 2", "a 0"]),
        ("b", ["b 7", "b 5", "b 3", "b 1"]),
    ]


@pytest.mark.parametrize("chunk_size", [1, 2, 3, 10])
def test_limit_holds_over_all_streams(chunk_size: int) -> None:
    logs = source(chunk_size=chunk_size)
    assert run(limit=3, source=logs) == [("a", ["a 0", "a 2"]), ("b", ["b 1"])]
    assert run(limit=3, backward=True, source=logs) == [("a", ["a 8", "a 6"]), ("b", ["b 7"])]


def test_end_is_not_included() -> None:
    assert run(start_ns=2, end_ns=5) == [("a", ["a 2", "a 4"]), ("b", ["b 3"])]


def test_filters_choose_lines() -> None:
    assert run('{app="x"} |= "b" != "3"') == [("b", ["b 1", "b 5", "b 7"])]
    assert run('{app="x"} |= "nothing"') == []
    assert run('{app="z"}') == []


def test_metadata_belongs_to_its_entry() -> None:
    found = evaluate(
        parse('{pod="a"}'),
        source(),
        start_ns=3,
        end_ns=7,
        limit=5,
        backward=False,
        guard=make_guard(),
    ).value
    assert isinstance(found, Streams)
    assert found.streams[0].entries == [(4, "a 4", (("trace", "t"),)), (6, "a 6", ())]


@pytest.mark.parametrize("backward", [False, True])
def test_reading_stops_when_nothing_better_can_follow(*, backward: bool) -> None:
    entries = [Entry(at, f"line {at}") for at in range(1000)]
    logs = PlainLogs({A: entries}, chunk_size=10)
    assert run(limit=15, backward=backward, source=logs)
    assert logs.read == 3


def test_entries_of_equal_times_keep_their_order() -> None:
    logs = PlainLogs({A: [Entry(5, text) for text in "abcd"]}, chunk_size=2)
    assert run(source=logs) == [("a", ["a", "b", "c", "d"])]
    assert sorted(run(source=logs, backward=True)[0][1]) == ["a", "b", "c", "d"]


def test_broken_bytes_become_replacement_characters() -> None:
    logs = source()
    chunks = list(logs.select((), 0, 100, make_guard()))
    text = chunks[0].text.replace(b"0", b"\xff")

    class Broken(PlainLogs):
        def select(self, *_: Any, **__: Any) -> Any:
            from dataclasses import replace

            yield replace(chunks[0], text=text)

    assert run(source=Broken())[0][1][0] == "a \ufffd"


def test_limits_hold() -> None:
    with pytest.raises(LimitExceeded):
        run(guard=make_guard(max_bytes=5))
    guard = make_guard()
    guard.cancel()
    with pytest.raises(TimedOut):
        run(guard=guard)
