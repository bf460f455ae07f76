"""A metric store with small blocks, and short ways to write to it and read from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.model.labels import Labels
from appliance.model.matcher import Matcher
from appliance.model.sample import SampleBatch, SeriesGroup, is_absent
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.store.database import DatabaseOptions
from appliance.store.metrics.options import MetricStoreOptions
from appliance.store.metrics.store import MetricStore

EARLIEST, LATEST = -(1 << 63), (1 << 63) - 1


@dataclass
class Bench:
    """A store that can be reopened."""

    folder: Path
    options: dict[str, int] = field(default_factory=dict)
    clock: ManualClock = field(default_factory=ManualClock)
    telemetry: Telemetry = field(default_factory=Telemetry)

    def __post_init__(self) -> None:
        self.store = self.open(self.folder)

    @property
    def path(self) -> Path:
        return self.folder / "metrics.db"

    def open(self, folder: Path) -> MetricStore:
        return MetricStore(
            folder / "metrics.db",
            MetricStoreOptions(**{"block_series": 4, "block_columns": 6, **self.options}),
            database=DatabaseOptions(),
            clock=self.clock,
            telemetry=self.telemetry,
        )

    def reopen(self) -> None:
        self.store.close()
        self.telemetry = Telemetry()
        self.store = self.open(self.folder)

    def scrape(self, time_ms: int, cells: dict[str, float], *, group: str = "g") -> None:
        """One column; a key is a metric name."""
        ids = self.store.resolve("a", [name_of(key) for key in cells])
        values = np.array(list(cells.values()), dtype=np.float64)
        self.store.append_column("a", group, time_ms, ids, values).result(5)

    def push(self, *samples: tuple[str, int, float], tenant: str = "a") -> None:
        """Loose samples (metric name, time, value)."""
        self.store.append(tenant, batch_of(*samples)).result(5)

    def groups(
        self, *matchers: Matcher, start: int = EARLIEST, end: int = LATEST, tenant: str = "a"
    ) -> list[SeriesGroup]:
        return list(self.store.source(tenant).select(matchers, start, end, self.guard()))

    def read(self, *matchers: Matcher, **where: Any) -> dict[str, dict[int, float]]:
        """All samples by metric name and time."""
        return samples_of(self.groups(*matchers, **where))

    def guard(self, **limits: int) -> QueryGuard:
        return QueryGuard(QueryLimits(**limits), self.clock)

    def count(self, sql: str) -> int:
        with self.store._database.reader() as connection:
            return int(connection.execute(sql).fetchone()[0])

    def metric(self, name: str) -> float:
        value = self.telemetry.registry.get_sample_value(name, {"signal": "metrics"})
        assert value is not None
        return value


def name_of(key: str) -> Labels:
    return Labels.of({"__name__": key, "job": "test"})


def batch_of(*samples: tuple[str, int, float]) -> SampleBatch:
    keys = sorted({sample[0] for sample in samples})
    return SampleBatch(
        labels=[name_of(key) for key in keys],
        series=np.array([keys.index(sample[0]) for sample in samples], dtype=np.int64),
        timestamps_ms=np.array([sample[1] for sample in samples], dtype=np.int64),
        values=np.array([sample[2] for sample in samples], dtype=np.float64),
    )


def samples_of(groups: Iterable[SeriesGroup]) -> dict[str, dict[int, float]]:
    found: dict[str, dict[int, float]] = {}
    for group in groups:
        for labels, row in zip(group.labels, group.values, strict=True):
            present = ~is_absent(row)
            times, values = group.timestamps_ms[present].tolist(), row[present].tolist()
            assert labels.get("__name__") not in found, "a series in two groups"
            found[labels.get("__name__")] = dict(zip(times, values, strict=True))
    return found


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Bench]:
    """A store with blocks of the usual size."""
    made = Bench(tmp_path, {"block_series": 64, "block_columns": 480})
    yield made
    made.store.close()
