"""A log store that is closed at the end, with the clock it goes by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.base.clock import ManualClock
from appliance.store.logs.store import LogStore
from tests.store.logs.build import open_store


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock) -> Iterator[LogStore]:
    opened = open_store(tmp_path, clock=clock)
    yield opened
    opened.close()
