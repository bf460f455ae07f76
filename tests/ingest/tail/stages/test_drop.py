"""Entries that are dropped, or have to wait."""

from __future__ import annotations

import math
import random

import pytest

from appliance.base.clock import ManualClock
from appliance.ingest.tail.entry import Entry
from appliance.ingest.tail.stage_config import SamplingStage
from appliance.ingest.tail.stages.context import StageContext
from appliance.ingest.tail.stages.drop import Sampling
from tests.ingest.tail.stages.piping import piped, pipeline

_VALUES = r"- regex: {expression: '^(?P<a>\w+) (?P<b>\w+)'}" + "\n"
LINES = ("x y", "x z", "lonely")


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ("source: a", ["lonely"]),
        ("source: a, value: x", ["lonely"]),
        ("source: b, value: y", ["x z", "lonely"]),
        ("source: [a, b], value: 'x;z'", ["x y", "lonely"]),
        ("source: [a, b], separator: '-', value: 'x-y'", ["x z", "lonely"]),
        ("source: [a, b], separator: '', expression: '^x[yz]$'", ["lonely"]),
        ("source: [a, none]", ["x y", "x z", "lonely"]),
        ("source: b, expression: '[y]'", ["x z", "lonely"]),
        ("expression: '^x'", ["lonely"]),
        ("longer_than: 3", ["x y", "x z"]),
        ("longer_than: 3, expression: x", ["x y", "x z", "lonely"]),
        ("longer_than: 2, source: b, value: y", ["x z", "lonely"]),
    ],
)
def test_conditions_all_have_to_hold(options: str, kept: list[str]) -> None:
    found = piped(f"{_VALUES}- drop: {{{options}}}", *LINES)
    assert [entry.line for entry in found] == kept


def test_old_entries_are_dropped_and_counted() -> None:
    clock = ManualClock(10_000_000)
    stages = pipeline("- drop: {older_than: 1h, drop_counter_reason: old}", clock, metrics=True)
    found = stages.process([Entry({}, n * 10**9, str(n)) for n in (6399, 6400, 9000)])
    assert [entry.line for entry in found] == ["6400", "9000"]


def test_a_random_part_stays() -> None:
    context = StageContext(chance=random.Random(1))
    entries = [Entry({}, n, "") for n in range(1000)]
    kept = Sampling(SamplingStage(rate=0.25), context).run(entries)
    assert 200 < len(kept) < 300
    assert Sampling(SamplingStage(rate=1.0), context).run(entries) == entries
    assert Sampling(SamplingStage(rate=0.0), context).run(entries) == []


def entries(count: int, **labels: str) -> list[Entry]:
    return [Entry(dict(labels), n, str(n)) for n in range(count)]


async def test_what_is_over_the_rate_is_dropped() -> None:
    clock = ManualClock()
    stages = pipeline("- limit: {rate: 2, burst: 3, drop: true}", clock, metrics=True)
    assert len(stages.process(entries(5))) == 3
    assert stages.process(entries(1)) == []
    await clock.advance(1.0)
    assert len(stages.process(entries(5))) == 2


def test_labels_have_rates_of_their_own() -> None:
    config = "- limit: {rate: 1, burst: 1, drop: true, by_label_name: a}"
    stages = pipeline(config, metrics=True)
    found = stages.process([*entries(2, a="1"), *entries(2, a="2"), *entries(2, b="1")])
    assert [entry.labels for entry in found] == [{"a": "1"}, {"a": "2"}, {"b": "1"}, {"b": "1"}]


async def test_or_what_is_over_the_rate_waits() -> None:
    clock = ManualClock()
    stages = pipeline("- limit: {rate: 2, burst: 2}\n- static_labels: {x: y}", clock)
    assert [e.line for e in stages.process(entries(5))] == ["0", "1"]
    assert [e.line for e in stages.held()] == ["2", "3", "4"]
    await clock.advance(1.0)
    out = stages.flush(clock.monotonic())
    assert [(e.line, e.labels) for e in out] == [("2", {"x": "y"}), ("3", {"x": "y"})]
    assert [e.line for e in stages.flush(math.inf)] == ["4"]
    assert not stages.is_full
    stages.process(entries(20_000))
    assert stages.is_full
