from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.maintenance import Maintenance
from appliance.settings.root import Settings, load
from appliance.store.directory import DataDirectory
from appliance.stores import Stores, retention_of
from appliance.system_facts.storage import StorageFacts

TEXT = """\
retention:
  logs: 3d
  max_bytes: {total: 1GB, logs: 100MB}
  streams: [{selector: '{app="shop"}', max_age: 1d, tenant: acme}]
tenants: {acme: {retention: {traces: 2d}}}
"""
DAY_MS = 86_400_000


@dataclass
class Parts:
    facts: StorageFacts
    clock: ManualClock
    maintenance: Maintenance


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    (tmp_path / "appliance.yml").write_text(TEXT)
    settings: Settings = load(None, flags={}, environ={}, directory=tmp_path)[0]
    clock, telemetry = ManualClock(), Telemetry()
    directory = DataDirectory(tmp_path / "data", clock)
    (directory.path / "logs.db.damaged-1").write_bytes(b"x" * 9)
    stores = Stores(directory, settings, clock, telemetry)
    await stores.start()
    rules, total = retention_of(settings), int(settings.retention.max_bytes.total)
    maintenance = Maintenance(stores.by_signal(), rules, clock, total_bytes=total)
    facts = StorageFacts(
        directory, stores, lambda: settings, maintenance=lambda: maintenance, clock=clock
    )
    yield Parts(facts, clock, maintenance)
    await stores.stop()
    directory.close()


async def test_a_look_has_files_rules_and_the_disk(parts: Parts) -> None:
    found = parts.facts.look()
    assert {"metrics", "logs", "traces", "alerts"} <= set(found.usages)
    assert "archive" not in found.usages
    assert found.ages_ms["logs"] == 3 * DAY_MS
    assert (found.bounds["logs"], found.bounds["metrics"]) == (100 << 20, None)
    assert found.total_bytes == 1 << 30
    assert found.disk_bytes > found.disk_free_bytes > 0
    assert list(found.special) == [
        ('{app="shop"} of acme', "logs", DAY_MS),
        ("tenant acme", "traces", 2 * DAY_MS),
    ]
    assert found.leftovers == (("logs.db.damaged-1", 9),)
    assert found.passes == {}


async def test_looks_in_quick_succession_are_one(parts: Parts) -> None:
    first = parts.facts.look()
    assert parts.facts.look() is first
    await parts.clock.advance(10)
    assert parts.facts.look() is not first


async def test_pruning_is_noted_and_seen_at_once(parts: Parts) -> None:
    parts.facts.look()
    passes = await parts.facts.prune()
    assert set(passes) == {"metrics", "logs", "traces", "alerts"}
    assert not any(one.failed for one in passes.values())
    assert set(parts.facts.look().passes) == set(passes)
    assert parts.maintenance.effective == {}
