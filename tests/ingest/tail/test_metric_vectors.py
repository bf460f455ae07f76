"""Metrics by the labels of entries."""

from __future__ import annotations

from appliance.base.clock import ManualClock
from appliance.ingest.tail.metric_vectors import VectorRegistry


async def test_series_to_which_nothing_happens_go_after_they_were_read() -> None:
    clock = ManualClock()
    registry = VectorRegistry(clock)
    vector = registry.vector("n", kind="counter", text="t", bounds=(), idle_seconds=60)
    vector.add({"a": "1"}, 1, clock.monotonic())
    await clock.advance(50.0)
    vector.add({"b": 'q"'}, 2, clock.monotonic())
    await clock.advance(20.0)
    both = b'# HELP n t\n# TYPE n counter\nn{a="1"} 1\nn{b="q\\""} 2\n'
    assert registry.expose() == both
    assert registry.expose() == both.replace(b'n{a="1"} 1\n', b"")


def test_reserved_labels_are_left_out() -> None:
    registry = VectorRegistry(ManualClock())
    vector = registry.vector("n", kind="counter", text="", bounds=(), idle_seconds=60)
    vector.add({"__path__": "/a", "a": "1"}, 1, 0.0)
    vector.add({"__path__": "/b", "a": "1"}, 1, 0.0)
    assert registry.expose().endswith(b'n{a="1"} 2\n')


def test_stages_share_a_metric_of_the_same_name() -> None:
    registry = VectorRegistry(ManualClock())
    first = registry.vector("n", kind="gauge", text="", bounds=(), idle_seconds=60)
    assert registry.vector("n", kind="gauge", text="", bounds=(), idle_seconds=1) is first
    assert registry.vector("n", kind="counter", text="", bounds=(), idle_seconds=1) is not first
    assert registry.expose() == b""
