"""The durable queue: positions, bounds, restarts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.base.telemetry import Telemetry
from appliance.store.database import DatabaseOptions
from appliance.store.forward.queue import ForwardQueue, QueueBounds

Open = Callable[..., ForwardQueue]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    queues: list[ForwardQueue] = []

    def make(**bounds: int) -> ForwardQueue:
        if queues:
            queues[-1].close()
        queues.append(
            ForwardQueue(
                tmp_path / "forward.db",
                QueueBounds(**bounds),
                database=DatabaseOptions(synchronous="OFF"),
                telemetry=Telemetry(),
            )
        )
        return queues[-1]

    yield make
    queues[-1].close()


def put(queue: ForwardQueue, *items: bytes, at_ms: int = 1000) -> None:
    for item in items:
        queue.append(lambda item=item: item, samples=len(item), at_ms=at_ms).result()  # type: ignore[misc]  # a default binds it


def test_items_in_order_and_as_many_as_fit(opened: Open) -> None:
    queue = opened()
    put(queue, b"a", b"bb", b"ccc")
    assert [item.data for item in queue.read(0, 3)] == [b"a", b"bb"]
    assert [item.data for item in queue.read(2, 1)] == [b"ccc"]
    assert queue.read(3, 100) == []
    assert queue.pending_samples(1) == 5


def test_positions_and_items_survive_a_restart(opened: Open) -> None:
    queue = opened()
    queue.keep_readers(["x"]).result()
    put(queue, b"a", b"b", b"c")
    queue.set_position("x", 2).result()
    queue = opened()
    assert queue.readers() == ["x"]
    assert [item.data for item in queue.read(queue.position("x"), 100)] == [b"c"]
    assert queue.pending_samples(2) == 1


def test_new_readers_start_at_the_end(opened: Open) -> None:
    queue = opened()
    put(queue, b"a")
    queue.keep_readers(["x"]).result()
    put(queue, b"b")
    assert [item.data for item in queue.read(queue.position("x"), 100)] == [b"b"]


def test_what_all_have_is_deleted(opened: Open) -> None:
    queue = opened()
    queue.keep_readers(["x", "y"]).result()
    put(queue, b"a", b"b", b"c")
    queue.set_position("x", 3).result()
    queue.set_position("y", 1).result()
    assert queue.trim(1000) == {}
    assert [item.data for item in queue.read(0, 100)] == [b"b", b"c"]


def test_numbers_are_not_used_again(opened: Open) -> None:
    queue = opened()
    queue.keep_readers(["x"]).result()
    put(queue, b"a", b"b")
    queue.set_position("x", 2).result()
    queue.trim(1000)
    queue = opened()
    put(queue, b"c")
    assert [(item.seq, item.data) for item in queue.read(queue.position("x"), 100)] == [(3, b"c")]


def test_too_much_and_too_old_is_lost_and_counted(opened: Open) -> None:
    queue = opened(max_bytes=5, max_age_ms=500)
    queue.keep_readers(["x", "y"]).result()
    put(queue, b"aa", b"bb", b"cc", at_ms=1000)
    queue.set_position("y", 1).result()
    assert queue.trim(1100) == {"x": 2}
    assert [item.data for item in queue.read(0, 100)] == [b"bb", b"cc"]
    put(queue, b"d", at_ms=1600)
    assert queue.trim(1600) == {"x": 4, "y": 4}
    assert [item.data for item in queue.read(0, 100)] == [b"d"]


def test_listeners_hear_of_commits(opened: Open) -> None:
    queue = opened()
    heard: list[int] = []
    queue.listeners.append(lambda: heard.append(queue.pending_samples(0)))
    put(queue, b"a", b"bb")
    assert heard == [1, 3]
