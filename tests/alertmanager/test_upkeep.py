"""What is done again and again."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from typing import TYPE_CHECKING

from appliance.alertmanager.deps import AlertmanagerOptions
from appliance.alertmanager.views import ChangeKind
from appliance.base.errors import StorageFull
from tests.alertmanager.world import ROUTE, World, resolved

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest


async def test_ends_are_noticed_when_they_come_the_earliest_first() -> None:
    async with World() as world:
        await world.put(world.alert("Late", ends=200))
        await world.put(world.alert("Early", ends=7))
        await world.put(*(world.alert(f"M{i}", ends=50) for i in range(1200)))
        await world.advance(300)
        ends = [
            (change.alert.name, (change.at_ns - world.begin_ns) // 10**9)
            for change in world.changes
            if change.kind is ChangeKind.RESOLVED
        ]
    assert ends[0] == ("Early", 7)
    assert ends[-1] == ("Late", 200)
    assert [one for one in ends if one[0].startswith("M") and one[1] != 50] == []
    assert len(ends) == 1202


async def test_alerts_that_are_held_back_later_are_found_within_seconds() -> None:
    config = ROUTE + "inhibit_rules: [{source_matchers: [s=1], target_matchers: [t=1]}]\n"
    async with World(config) as world:
        await world.put(world.alert("T,t=1"))
        await world.put(world.alert("S,s=1", ends=40))
        await world.advance(60)
        changes = [
            (change.kind, (change.at_ns - world.begin_ns) // 10**9)
            for change in world.changes
            if change.alert.name == "T"
        ]
    kinds = [kind for kind, _ in changes]
    assert kinds == [ChangeKind.FIRING, ChangeKind.SUPPRESSED, ChangeKind.RELEASED]
    assert changes[1][1] <= 15
    assert changes[2][1] <= 55


async def test_what_cannot_be_removed_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with World(options=AlertmanagerOptions(gc_seconds=50)) as world:

        def fail(fingerprints: Sequence[str]) -> Future[None]:
            raise StorageFull(f"no room for {fingerprints}")

        alert = world.alert("A", ends=5)
        await world.put(alert, world.alert("B"))
        await world.advance(10)
        world.store.delete_alerts = fail  # type: ignore[method-assign]
        with caplog.at_level(logging.ERROR):
            await world.put(resolved(world.alert("B"), world.clock.now_ns()))
            await world.advance(200)
    assert "no room for" in caplog.text
