"""Flushes come at their times, whatever happens to groups meanwhile."""

from __future__ import annotations

import asyncio

from appliance.alertmanager.deps import AlertmanagerOptions
from tests.alertmanager.world import ROUTE, World, resolved


async def test_a_flush_that_falls_due_during_another_follows_at_once_and_the_rhythm_stays() -> None:
    async with World() as world:
        await world.put(world.alert("A", timeout=10_000))
        world.gate = asyncio.Event()
        assert [one.at for one in await world.advance(100)] == [10]
        world.gate.set()
        world.gate = None
        assert [one.at for one in await world.advance(0)] == [100]
        assert [one.at for one in await world.advance(100)] == [130, 190]


async def test_a_group_that_is_over_and_returns_waits_again() -> None:
    async with World() as world:
        alert = world.alert("A", ends=20)
        await world.put(alert)
        await world.advance(75)
        await world.put(world.alert("A"))
        assert [one.at for one in await world.advance(20)] == [85]


async def test_another_interval_counts_from_the_last_flush() -> None:
    async with World() as world:
        await world.put(world.alert("A", timeout=10_000))
        await world.advance(20)
        await world.apply(ROUTE.replace("60s", "15s"))
        assert [one.at for one in await world.advance(30)] == [25, 40]


async def test_a_shorter_wait_counts_from_the_making_of_the_group() -> None:
    async with World() as world:
        await world.put(world.alert("A"))
        await world.advance(4)
        await world.apply(ROUTE.replace("10s", "6s"))
        assert [one.at for one in await world.advance(30)] == [6]


async def test_groups_of_routes_with_one_key_are_told_apart() -> None:
    config = ROUTE.replace(
        "receivers:",
        "  routes: [{matchers: [t=1], continue: true}, {matchers: [t=1]}]\nreceivers:",
    )
    async with World(config) as world:
        alert = world.alert("A,t=1")
        await world.put(alert)
        told = await world.advance(10)
        assert [one.key for one in told] == ['{}/{t="1"}:{alertname="A"}'] * 2
        await world.apply(config)
        await world.put(resolved(alert, world.clock.now_ns()))
        assert len(await world.advance(60)) == 2
        assert world.am.groups() == []


async def test_a_group_that_waits_for_its_place_is_flushed_under_a_new_configuration() -> None:
    async with World(options=AlertmanagerOptions(flushes_per_receiver=1)) as world:
        gate = world.gate = asyncio.Event()
        await world.put(world.alert("A"), world.alert("B"))
        assert len(await world.advance(15)) == 1
        await world.apply(ROUTE)
        world.gate = None
        gate.set()
        told = await world.advance(1)
    assert [one.key[-3:-1] for one in told] == ['B"']


async def test_what_the_pipeline_breaks_on_is_tried_again() -> None:
    async with World() as world:
        calls = 0

        async def broken(_: object) -> bool:
            nonlocal calls
            calls += 1
            raise RuntimeError("broken")

        object.__setattr__(world.am._dispatcher.routing.notifier, "notify", broken)
        await world.put(world.alert("A", ends=15))
        await world.advance(140)
        assert calls == 3
        assert world.store.alerts
