"""Lines joined to blocks."""

from __future__ import annotations

import math

from appliance.base.clock import ManualClock
from appliance.ingest.tail.entry import Entry
from tests.ingest.tail.stages.piping import pipeline

CONFIG = r"- multiline: {firstline: '^\d', max_wait_time: 3s, max_lines: 4}"


def entries(*lines: str, **labels: str) -> list[Entry]:
    return [Entry(dict(labels), number, line, origins=(line,)) for number, line in enumerate(lines)]


def test_blocks_end_at_the_next_first_line() -> None:
    stages = pipeline(CONFIG)
    out = stages.process(entries("before", "1 a", "  b", "", "2 c", "d"))
    assert [(e.line, e.time_ns, e.origins) for e in out] == [
        ("before", 0, ("before",)),
        ("1 a\n  b\n", 1, ("1 a", "  b", "")),
    ]
    assert [(e.line, e.origins) for e in stages.held()] == [("2 c\nd", ("2 c", "d"))]
    assert [e.line for e in stages.flush(math.inf)] == ["2 c\nd"]
    assert stages.held() == []


async def test_blocks_end_after_a_while() -> None:
    clock = ManualClock()
    stages = pipeline(CONFIG, clock)
    stages.process(entries("1 a"))
    await clock.advance(2.0)
    stages.process(entries("b"))
    await clock.advance(2.0)
    assert stages.flush(clock.monotonic()) == []
    await clock.advance(1.0)
    assert [e.line for e in stages.flush(clock.monotonic())] == ["1 a\nb"]


def test_blocks_have_so_many_lines_at_most() -> None:
    stages = pipeline(CONFIG)
    out = stages.process(entries("1", "a", "b", "c", "d", "2"))
    assert [(e.line, e.time_ns) for e in out] == [("1\na\nb\nc", 0), ("d", 0)]


def test_streams_are_joined_by_themselves() -> None:
    stages = pipeline(CONFIG + "\n- static_labels: {x: y}")
    first, second = entries("1 a", "b", s="1"), entries("2 c", "d", s="2")
    mixed = [first[0], second[0], first[1], second[1]]
    assert stages.process(mixed) == []
    found = {(e.line, e.labels["s"], e.labels["x"]) for e in stages.flush(math.inf)}
    assert found == {("1 a\nb", "1", "y"), ("2 c\nd", "2", "y")}


def test_a_block_takes_labels_and_values_of_its_first_line() -> None:
    stages = pipeline(CONFIG)
    start = Entry({"a": "1"}, 5, "1", {"k": "v"}, {"m": "x"}, "t")
    stages.process([start, Entry({"a": "1"}, 6, "more", {"k": "w"})])
    (found,) = stages.flush(math.inf)
    assert (found.labels, found.extracted["k"], found.metadata, found.tenant) == (
        {"a": "1"},
        "v",
        {"m": "x"},
        "t",
    )


def test_streams_of_which_nothing_is_held_are_not_remembered_for_ever() -> None:
    stages = pipeline(CONFIG)
    for number in range(10_001):
        stages.process(entries("1 a", pod=str(number)))
    assert len(stages.flush(math.inf)) == 10_001
    assert [e.line for e in stages.process(entries("b", pod="0"))] == ["b"]
    assert stages.process(entries("b", pod="10000")) == []
