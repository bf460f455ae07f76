"""An appender that keeps columns in memory, and jobs to fill it."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import TYPE_CHECKING

import numpy as np

from appliance.config.load import load_text
from appliance.ingest.scrape.config import PrometheusConfig, ScrapeConfig
from appliance.model.labels import Labels
from appliance.model.sample import STALE_BITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.base.errors import ApplianceError
    from appliance.model.sample import ColumnExtras, SampleBatch

#: In place of a staleness marker in `MemoryAppender.columns`.
STALE = "stale"


class MemoryAppender:
    """Implements `model.sources.MetricAppender`; `arrived` gets every column."""

    def __init__(self) -> None:
        self.labels: list[Labels] = []
        self._ids: dict[Labels, int] = {}
        self.arrived: asyncio.Queue[tuple[int, dict[str, float | str]]] = asyncio.Queue()
        self.groups: list[str] = []
        self.batches: list[SampleBatch] = []
        self.extras: list[ColumnExtras] = []
        self.failure: ApplianceError | None = None
        self.resolved = 0
        self.refused = 0

    def resolve(self, tenant: str, labels: Sequence[Labels]) -> NDArray[np.int64]:
        assert tenant == "anonymous"
        self.resolved += len(labels)
        for item in labels:
            if item not in self._ids:
                self._ids[item] = len(self.labels)
                self.labels.append(item)
        return np.array([self._ids[item] for item in labels], dtype=np.int64)

    def append_column(
        self,
        tenant: str,
        group: str,
        timestamp_ms: int,
        ids: NDArray[np.int64],
        values: NDArray[np.float64],
        *,
        extras: ColumnExtras | None = None,
    ) -> Future[None]:
        assert tenant == "anonymous"
        assert len(set(ids.tolist())) == len(ids) == len(values)
        if self.failure is not None:
            self.refused += 1
            raise self.failure
        self.groups.append(group)
        if extras is not None:
            self.extras.append(extras)
        bits = values.view(np.uint64)
        column: dict[str, float | str] = {
            show(self.labels[row]): STALE if bits[at] == STALE_BITS else float(values[at])
            for at, row in enumerate(ids.tolist())
        }
        self.arrived.put_nowait((timestamp_ms, column))
        return done()

    def append(self, tenant: str, batch: SampleBatch) -> Future[None]:
        assert tenant == "anonymous"
        self.batches.append(batch)
        return done()


def done() -> Future[None]:
    future: Future[None] = Future()
    future.set_result(None)
    return future


def show(labels: Labels) -> str:
    """`name{a="b"}`, without the labels that every target has."""
    pairs = ",".join(
        f'{name}="{value}"' for name, value in labels if name not in {"__name__", "job", "instance"}
    )
    name = labels.get("__name__")
    return f"{name}{{{pairs}}}" if pairs else name


def config_of(text: str) -> PrometheusConfig:
    decoded = load_text(PrometheusConfig, text, file="prometheus.yml")
    assert decoded.ok, [problem.render() for problem in decoded.problems]
    assert decoded.value is not None
    return decoded.value


def job_of(text: str) -> ScrapeConfig:
    """The job `{job_name: j, …}` with the defaults filled in."""
    (job,) = config_of(f"scrape_configs: [{{job_name: j, {text}}}]").jobs()
    return job
