"""The metric store keeps what a plain dictionary keeps, whatever is sealed or reopened between."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.model.labels import Labels
from appliance.model.sample import ABSENT_BITS, STALE_BITS, SampleBatch
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.store.database import DatabaseOptions
from appliance.store.metrics.options import MetricStoreOptions
from appliance.store.metrics.store import MetricStore

SERIES = [Labels.of({"__name__": f"m{n % 3}", "n": str(n)}) for n in range(8)]
OPTIONS = MetricStoreOptions(block_series=3, block_columns=4, span_ms=12, loose_samples=6)
#: A sample's value as bits, by (tenant, series, time).
Model = dict[tuple[str, Labels, int], int]

values = st.one_of(
    st.floats(allow_nan=False),
    st.sampled_from([0.1, 2.5, 1e-7, -0.0, 7.0, float("inf"), float("nan")]),
    st.just(float(np.array([STALE_BITS], dtype=np.uint64).view(np.float64)[0])),
)
times = st.integers(0, 25) | st.sampled_from([-(1 << 62), -5, 1 << 62])
numbers = st.integers(0, len(SERIES) - 1)
tenants = st.sampled_from(["a", "a", "a", "b"])


@dataclass(frozen=True)
class Column:
    """One scrape."""

    tenant: str
    group: str
    time: int
    cells: dict[int, float]


@dataclass(frozen=True)
class Loose:
    """One push: (series, time, value)."""

    tenant: str
    samples: list[tuple[int, int, float]]


@dataclass(frozen=True)
class Seal:
    """A compaction pass."""

    force: bool


@dataclass(frozen=True)
class Reopen:
    """Close and open."""


@dataclass(frozen=True)
class Query:
    """Compare a range."""

    tenant: str
    start: int
    length: int


columns = st.builds(
    Column,
    tenants,
    st.sampled_from(["x", "y"]),
    times,
    st.dictionaries(numbers, values, min_size=1, max_size=8),
)
pushes = st.builds(
    Loose, tenants, st.lists(st.tuples(numbers, times, values), min_size=1, max_size=8)
)
steps = st.one_of(
    columns,
    columns,
    pushes,
    st.builds(Seal, st.booleans()),
    st.builds(Reopen),
    st.builds(Query, tenants, st.integers(-1, 20), st.integers(0, 20)),
)


@dataclass
class Pair:
    """The store and its model."""

    folder: Path
    clock: ManualClock = field(default_factory=ManualClock)
    model: Model = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = self.open()

    def open(self) -> MetricStore:
        return MetricStore(
            self.folder / "metrics.db",
            OPTIONS,
            database=DatabaseOptions(synchronous="OFF"),
            clock=self.clock,
            telemetry=Telemetry(),
        )

    def run(self, step: object) -> None:
        match step:
            case Column():
                self.scrape(step)
            case Loose():
                self.push(step)
            case Seal(force):
                self.store.seal(force=force)
            case Reopen():
                self.store.close()
                self.store = self.open()
            case Query(tenant, start, length):
                self.compare(tenant, start, start + length)

    def scrape(self, step: Column) -> None:
        labels = [SERIES[n] for n in step.cells]
        ids = self.store.resolve(step.tenant, labels)
        column = np.array(list(step.cells.values()))
        self.store.append_column(step.tenant, step.group, step.time, ids, column).result(5)
        self.note(step.tenant, labels, [step.time] * len(labels), column)

    def push(self, step: Loose) -> None:
        used = sorted({sample[0] for sample in step.samples})
        batch = SampleBatch(
            labels=[SERIES[n] for n in used],
            series=np.array([used.index(sample[0]) for sample in step.samples]),
            timestamps_ms=np.array([sample[1] for sample in step.samples], dtype=np.int64),
            values=np.array([sample[2] for sample in step.samples]),
        )
        self.store.append(step.tenant, batch).result(5)
        labels = [SERIES[sample[0]] for sample in step.samples]
        self.note(step.tenant, labels, [sample[1] for sample in step.samples], batch.values)

    def note(
        self, tenant: str, labels: list[Labels], at: list[int], column: np.ndarray[Any, Any]
    ) -> None:
        bits = column.view(np.uint64).tolist()
        for name, time, value in zip(labels, at, bits, strict=True):
            self.model.setdefault((tenant, name, time), value)

    def compare(self, tenant: str, start: int, end: int) -> None:
        guard = QueryGuard(QueryLimits(), self.clock)
        found: dict[tuple[str, Labels, int], int] = {}
        seen: list[Labels] = []
        for group in self.store.source(tenant).select((), start, end, guard):
            assert group.values.shape == (len(group.labels), len(group.timestamps_ms))
            assert (group.timestamps_ms[1:] > group.timestamps_ms[:-1]).all()
            seen += group.labels
            for labels, row in zip(group.labels, group.values, strict=True):
                pairs = zip(group.timestamps_ms.tolist(), row.view(np.uint64).tolist(), strict=True)
                cells = {(tenant, labels, t): v for t, v in pairs if v != ABSENT_BITS}
                assert cells, "a series without samples"
                found |= cells
        assert len(seen) == len(set(seen))
        expected = {k: v for k, v in self.model.items() if k[0] == tenant and start <= k[2] <= end}
        assert found == expected


@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, max_size=25))
def test_store_equals_a_dictionary(actions: list[object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        pair = Pair(Path(folder))
        try:
            for action in actions:
                pair.run(action)
            for tenant in ("a", "b"):
                pair.compare(tenant, -(1 << 63), (1 << 63) - 1)
                pair.store.seal(force=True)
                pair.compare(tenant, -(1 << 63), (1 << 63) - 1)
        finally:
            pair.store.close()
