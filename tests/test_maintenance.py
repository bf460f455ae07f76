"""Sealing and retention are called when they should be, with the room there is."""

from __future__ import annotations

from appliance.base.clock import ManualClock
from appliance.base.errors import Unavailable
from appliance.base.tasks import spawn
from appliance.maintenance import Maintenance
from appliance.store.retention import Pruned, Retention, RetentionRule


class Store:
    """Notes what it is asked to do."""

    def __init__(self, disk_bytes: int, *, seal_due: bool = False) -> None:
        self.size = disk_bytes
        self.seal_due = seal_due
        self.seals = 0
        self.retentions: list[Retention] = []

    def seal(self, *, force: bool = False) -> int:
        assert not force
        self.seals += 1
        return 0

    def retain(self, retention: Retention) -> Pruned:
        self.retentions.append(retention)
        if retention.max_bytes is not None and self.size > retention.max_bytes:
            self.size = retention.max_bytes
        return Pruned()

    def disk_bytes(self) -> int:
        return self.size


def maintenance(stores: dict[str, Store], retention: dict[str, Retention]) -> Maintenance:
    return Maintenance(stores, retention, ManualClock(), total_bytes=100)


async def test_full_heads_are_sealed_at_once_and_others_now_and_then() -> None:
    due, idle = Store(0, seal_due=True), Store(0)
    work = maintenance({"a": due, "b": idle}, {})
    for _ in range(12):
        await work.seal()
    assert (due.seals, idle.seals) == (12, 2)


async def test_largest_signal_gives_way_when_all_together_are_too_much() -> None:
    large, small = Store(90), Store(30)
    rule = RetentionRule(1000)
    rules = {"a": Retention((rule,)), "b": Retention((rule,), max_bytes=25)}
    await maintenance({"a": large, "b": small}, rules).retain()
    assert (large.size, small.size) == (70, 25)
    assert large.retentions[0].rules == (rule,)


async def test_one_signal_that_fails_leaves_the_others_their_turn() -> None:
    class Broken(Store):
        def seal(self, *, force: bool = False) -> int:
            super().seal(force=force)
            raise Unavailable("the disk is full")

        def retain(self, retention: Retention) -> Pruned:
            super().retain(retention)
            raise RuntimeError("a bug")

    broken, sound = Broken(90, seal_due=True), Store(30, seal_due=True)
    work = maintenance({"a": broken, "b": sound}, {"a": Retention(), "b": Retention()})
    await work.seal()
    await work.retain()
    assert (broken.seals, len(broken.retentions)) == (1, 1)
    assert (sound.seals, len(sound.retentions)) == (1, 1)


async def test_runs_periodically_until_cancelled() -> None:
    clock, store = ManualClock(), Store(0)
    work = Maintenance({"a": store}, {"a": Retention()}, clock, total_bytes=100)
    task = spawn(work.run(), name="maintenance")
    for _ in range(13):
        await clock.advance(5)
        while len(store.retentions) < clock.now_ms() % 1_700_000_000_000 // 60_000:
            await clock.advance(0)
    task.cancel()
    assert store.seals >= 1
    assert len(store.retentions) == 1
