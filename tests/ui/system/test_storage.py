from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.model.labels import Labels
from appliance.store.retention import Pruned, PrunePass
from appliance.store.usage import StreamUsage, Usage
from appliance.ui.system.storage import Forecast, Look, forecast, storage_page

DAY_MS = 86_400_000
NOW_MS = 20_000 * DAY_MS
GB = 1 << 30


def usage(days: int, per_day: int = GB) -> Usage:
    """So much per day, for so many days up to now."""
    return Usage(
        file_bytes=days * per_day,
        live_bytes=days * per_day,
        oldest_ms=NOW_MS - days * DAY_MS,
        newest_ms=NOW_MS,
        by_day={19_999 - day: per_day for day in range(days)},
        by_tenant={"anonymous": days * per_day},
    )


def look(**changes: object) -> Look:
    found = Look(
        at_ms=NOW_MS,
        directory="/data",
        is_ephemeral=False,
        usages={"metrics": usage(2), "logs": usage(10)},
        ages_ms={"metrics": 30 * DAY_MS, "logs": 90 * DAY_MS},
        bounds={"metrics": None, "logs": 20 * GB},
        total_bytes=100 * GB,
        disk_bytes=500 * GB,
        disk_free_bytes=400 * GB,
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def test_growth_is_of_the_last_week() -> None:
    found = forecast(usage(30), NOW_MS, age_ms=90 * DAY_MS, room_bytes=None)
    assert found.bytes_per_day == pytest.approx(GB, rel=0.01)
    assert found.hours == pytest.approx(7 * 24)
    assert found.levels_off_bytes == pytest.approx(90 * GB, rel=0.01)


def test_a_day_of_data_tells_the_growth_of_a_day() -> None:
    half = Usage(
        live_bytes=GB, oldest_ms=NOW_MS - DAY_MS // 2, newest_ms=NOW_MS, by_day={19_999: GB}
    )
    assert forecast(half, NOW_MS, age_ms=None, room_bytes=None).bytes_per_day == 2 * GB


@pytest.mark.parametrize(
    "known",
    [
        Usage(),
        Usage(oldest_ms=NOW_MS - 1_000, newest_ms=NOW_MS, by_day={20_000: 5}),
        Usage(oldest_ms=NOW_MS - 60 * DAY_MS, newest_ms=NOW_MS - 50 * DAY_MS, by_day={19_950: 5}),
    ],
)
def test_too_little_tells_nothing(known: Usage) -> None:
    assert forecast(known, NOW_MS, age_ms=DAY_MS, room_bytes=5) == Forecast()


def test_what_levels_off_before_its_bound_never_fills() -> None:
    found = forecast(usage(2), NOW_MS, age_ms=7 * DAY_MS, room_bytes=50 * GB)
    assert found.full_in_days is None
    found = forecast(usage(2), NOW_MS, age_ms=90 * DAY_MS, room_bytes=50 * GB)
    assert found.full_in_days == pytest.approx(50, rel=0.01)


def test_the_page_sums_up() -> None:
    found = storage_page(look(), NOW_MS)
    assert (found.used_bytes, found.budget_bytes) == (12 * GB, 100 * GB)
    assert not found.is_disk_the_limit
    assert found.forecast.bytes_per_day == pytest.approx(2 * GB, rel=0.01)
    assert found.days_left == pytest.approx(44, rel=0.02)
    logs = found.signals[1]
    assert (logs.name, logs.percent) == ("logs", 50.0)
    assert logs.forecast.full_in_days == pytest.approx(10, rel=0.02)


def test_a_small_disk_is_the_limit() -> None:
    found = storage_page(look(disk_free_bytes=8 * GB), NOW_MS)
    assert found.is_disk_the_limit
    assert found.budget_bytes == 20 * GB


def test_a_signal_near_its_bound_says_so() -> None:
    states = [
        storage_page(look(bounds={"metrics": None, "logs": bound * GB}), NOW_MS).signals[1].state
        for bound in (100, 12, 10)
    ]
    assert states == ["ok", "filling", "full"]


def test_what_was_pruned_and_when() -> None:
    idle = PrunePass(NOW_MS - 1_000, 0.2, Pruned())
    work = PrunePass(NOW_MS - DAY_MS, 1.5, Pruned(3, 9, 4_000))
    row = storage_page(look(passes={"metrics": idle}, effective={"metrics": work}), NOW_MS).signals[
        0
    ]
    assert (row.pass_ago_ms, row.pass_failed) == (1_000, False)
    assert (row.pruned_ago_ms, row.pruned_blocks, row.pruned_bytes) == (DAY_MS, 3, 4_000)


def test_streams_lead_to_their_lines() -> None:
    stream = StreamUsage("anonymous", Labels.of({"app": 'a"b'}), 7, 4_096)
    usages = {"logs": replace(usage(1), streams=(stream,))}
    (row,) = storage_page(look(usages=usages), NOW_MS).streams
    assert row.name == '{app="a\\"b"}'
    assert row.link.startswith("/logs?q=%7Bapp%3D")
    assert (row.count, row.bytes) == (7, 4_096)
