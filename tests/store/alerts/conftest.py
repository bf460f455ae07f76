"""A store per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.base.clock import ManualClock
from appliance.store.alerts.store import AlertStore
from tests.store.alerts.build import open_store


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock) -> Iterator[AlertStore]:
    made = open_store(tmp_path, clock)
    yield made
    made.close()
