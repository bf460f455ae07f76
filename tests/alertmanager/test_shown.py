"""Alerts and groups to be shown."""

from __future__ import annotations

import asyncio

from appliance.base.tasks import spawn
from tests.alertmanager.world import ROUTE, World

MANY = 1200


async def test_many_are_shown_while_others_run() -> None:
    async with World(ROUTE.replace("[alertname]", "['...']")) as world:
        await world.am.put([world.alert(f"A,i={number}") for number in range(MANY)])
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        other = spawn(tick(), name="other")
        alerts, groups = await world.am.shown.all_alerts(), await world.am.shown.all_groups()
        other.cancel()
        assert len(alerts) == len(groups) == MANY
        assert ticks >= 4
        assert alerts == world.am.alerts()
        assert groups == world.am.groups()


async def test_a_large_group_is_flushed_in_order_though_alerts_come_while_it_is_sorted() -> None:
    async with World(ROUTE.replace("[alertname]", "[]")) as world:
        numbers = [f"{number:04}" for number in range(MANY)]
        await world.am.put([world.alert(f"A,i={one}") for one in reversed(numbers[1:])])
        group = next(iter(world.am.dispatcher.table.groups.values()))
        sorting = spawn(group.sort(), name="sort")
        await asyncio.sleep(0)
        await world.am.put([world.alert(f"A,i={numbers[0]}")])
        await sorting
        assert [one.labels.get("i") for one in group.sorted_alerts()] == numbers
