"""Evaluation of log queries."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from appliance.base.errors import LimitExceeded, TimedOut
from appliance.logql.engine import Request, Statistics, evaluate
from appliance.logql.parser import parse
from appliance.model.log import LogChunk
from appliance.model.value import Stream, Streams
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


def streams(text: str = '{app="x"}', **changes: Any) -> list[Stream]:
    guard = changes.pop("guard", None) or make_guard()
    logs = changes.pop("source", None) or source()
    request = Request(**{"start_ns": 0, "end_ns": 10_000, "backward": False, **changes})
    found = evaluate(parse(text), logs, request, guard).value
    assert isinstance(found, Streams)
    return list(found.streams)


def run(text: str = '{app="x"}', **changes: Any) -> list[tuple[str, list[str]]]:
    found = streams(text, **changes)
    return [(one.labels.get("pod"), [entry[1] for entry in one.entries]) for one in found]


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
    (found,) = streams('{pod="a"}', start_ns=3, end_ns=7)
    assert found.labels == A
    assert found.entries == [(4, "a 4", (("trace", "t"),), ()), (6, "a 6", (), ())]


def test_parsed_labels_belong_to_their_entry() -> None:
    found = streams('{app="x"} | regexp "(?P<letter>.) (?P<number>.)" | number >= 7')
    assert [one.labels for one in found] == [A, B]
    assert [one.entries for one in found] == [
        [(8, "a 8", (), (("letter", "a"), ("number", "8")))],
        [(7, "b 7", (), (("letter", "b"), ("number", "7")))],
    ]


def test_a_stage_that_takes_stream_labels_joins_streams() -> None:
    (found,) = streams('{app="x"} | drop pod | line_format "{{.app}}"', limit=3)
    assert found.labels == labels(app="x")
    assert [entry[:2] for entry in found.entries] == [(0, "x"), (1, "x"), (2, "x")]


@pytest.mark.parametrize("backward", [False, True])
def test_reading_stops_when_nothing_better_can_follow(*, backward: bool) -> None:
    entries = [Entry(at, f"line {at}") for at in range(1000)]
    logs = PlainLogs({A: entries}, chunk_size=10)
    assert run(limit=15, backward=backward, source=logs)
    assert logs.read == 3


@pytest.mark.parametrize("backward", [False, True])
def test_parsers_see_few_rows_when_most_of_them_pass(*, backward: bool) -> None:
    entries = [Entry(at, f"k={at}") for at in range(5000)]
    logs = PlainLogs({A: entries}, chunk_size=5000)
    ((_, lines),) = run('{app="x"} | logfmt | k != "4998"', limit=3, backward=backward, source=logs)
    assert lines == (["k=4999", "k=4997", "k=4996"] if backward else ["k=0", "k=1", "k=2"])


@pytest.mark.parametrize("backward", [False, True])
def test_rare_rows_are_found_wherever_they_are(*, backward: bool) -> None:
    entries = [Entry(at, f"k={at % 700}") for at in range(3000)]
    logs = PlainLogs({A: entries}, chunk_size=3000)
    ((_, lines),) = run('{app="x"} | logfmt | k="650"', limit=9, backward=backward, source=logs)
    assert lines == ["k=650"] * 4


def test_an_interval_leaves_out_what_comes_too_early() -> None:
    assert run(interval_ns=3) == [("a", ["a 0", "a 6"]), ("b", ["b 3"])]
    assert run(interval_ns=3, limit=2) == [("a", ["a 0"]), ("b", ["b 3"])]
    assert run(interval_ns=3, backward=True) == [("a", ["a 8", "a 2"]), ("b", ["b 5"])]


@pytest.mark.parametrize("backward", [False, True])
def test_reading_for_an_interval_stops_when_there_are_enough(*, backward: bool) -> None:
    logs = PlainLogs({A: [Entry(at, f"line {at}") for at in range(1000)]}, chunk_size=10)
    ((_, lines),) = run(interval_ns=7, limit=3, backward=backward, source=logs)
    assert lines == [f"line {at}" for at in ((999, 992, 985) if backward else (0, 7, 14))]
    assert logs.read == 3


def test_entries_of_equal_times_keep_their_order() -> None:
    logs = PlainLogs({A: [Entry(5, text) for text in "abcd"]}, chunk_size=2)
    assert run(source=logs) == [("a", ["a", "b", "c", "d"])]
    assert sorted(run(source=logs, backward=True)[0][1]) == ["a", "b", "c", "d"]


def test_broken_bytes_become_replacement_characters() -> None:
    from dataclasses import replace

    from appliance.model.log import PlainLines

    class Broken(PlainLogs):
        def scan(self, *args: Any, work: Any, **more: Any) -> Any:
            def damaged(chunk: LogChunk) -> Any:
                text = chunk.text.replace(b"0", b"\xff")
                return work(replace(chunk, lines=PlainLines(text, chunk.offsets)))

            return super().scan(*args, work=damaged, **more)

    assert run(source=Broken({A: [Entry(0, "a 0")]})) == [("a", ["a \ufffd"])]


def test_limits_hold() -> None:
    with pytest.raises(LimitExceeded):
        run(guard=make_guard(max_bytes=5))
    guard = make_guard()
    guard.cancel()
    with pytest.raises(TimedOut):
        run(guard=guard)


def test_statistics_tell_what_was_read() -> None:
    statistics = Statistics()
    run('{app="x"} != "b"', statistics=statistics)
    assert (statistics.lines, statistics.post_filter_lines, statistics.entries) == (9, 5, 5)
    assert statistics.structured_metadata_bytes == len("trace" + "t")
    assert statistics.bytes == 9 * len("a 0") + len("trace" + "t")


def test_loading_imports_what_queries_need() -> None:
    code = (
        "import sys; from appliance.logql.engine import load; before = set(sys.modules); load();"
        " assert {'appliance.logql.log_query', 'appliance.logql.metric'} <= {*sys.modules} - before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
