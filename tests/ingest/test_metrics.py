"""The door for pushed samples."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import numpy as np

from appliance.base.errors import Conflict
from appliance.base.telemetry import Telemetry
from appliance.ingest.metrics import LabelLimits, MetadataTable, MetricDoor
from appliance.model.labels import Labels
from appliance.model.sample import MetricMetadata, SampleBatch


class Appender:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.batches: list[SampleBatch] = []
        self.threads: list[threading.Thread] = []

    def append(self, tenant: str, batch: SampleBatch) -> Future[None]:  # noqa: ARG002
        self.threads.append(threading.current_thread())
        self.batches.append(batch)
        future: Future[None] = Future()
        future.set_result(None)
        return future

    def resolve(self, *_: object) -> np.ndarray:
        raise AssertionError

    def append_column(self, *_: object, **__: object) -> Future[None]:
        raise AssertionError


def make_batch(*labels: dict[str, str]) -> SampleBatch:
    series = np.array([row for row in range(len(labels)) for _ in range(2)], dtype=np.int64)
    times = np.arange(len(series), dtype=np.int64)
    return SampleBatch(
        [Labels.of(item) for item in labels], series, times, times.astype(np.float64)
    )


async def test_samples_of_invalid_series_are_refused_and_the_others_renumbered() -> None:
    appender = Appender()
    door = MetricDoor(appender, LabelLimits(labels=2, value_bytes=5), Telemetry())
    accepted = await door.accept(
        "t", make_batch({"a": "1"}, {"a": "too long a value"}, {"b": "2"}, {"a": "", "c": "3"})
    )
    kept = appender.batches[0]
    assert (accepted.count, accepted.rejected_count) == (6, 2)
    assert accepted.rejected[0].index == 1
    assert "limits.label_value_bytes" in accepted.describe()
    assert kept.labels == [Labels.of({"a": "1"}), Labels.of({"b": "2"}), Labels.of({"c": "3"})]
    assert kept.series.tolist() == [0, 0, 1, 1, 2, 2]
    assert kept.timestamps_ms.tolist() == [0, 1, 4, 5, 6, 7]


async def test_series_forgotten_just_then_are_resolved_again() -> None:
    class Forgetful(Appender):
        def append(self, tenant: str, batch: SampleBatch) -> Future[None]:
            future = super().append(tenant, batch)
            if len(self.batches) == 1:
                future = Future()
                future.set_exception(Conflict("series id 1 is not in use any more"))
            return future

    appender = Forgetful()
    door = MetricDoor(appender, LabelLimits(), Telemetry())
    assert (await door.accept("t", make_batch({"a": "1"}))).count == 2
    assert len(appender.batches) == 2


async def test_nothing_valid_appends_nothing() -> None:
    appender = Appender()
    door = MetricDoor(appender, LabelLimits(labels=0), Telemetry())
    accepted = await door.accept("t", make_batch({"a": "1"}))
    assert (accepted.count, accepted.rejected_count, appender.batches) == (0, 2, [])


def test_metadata_table_is_bounded_per_tenant() -> None:
    table = MetadataTable(limit=2)
    table.update("t", {name: MetricMetadata("counter") for name in ("a", "b", "c")})
    table.update("t", {"a": MetricMetadata("gauge")})
    assert set(table.families("t")) == {"a", "b"}
    assert table.families("t")["a"].type == "gauge"
    assert table.families("other") == {}


async def test_large_batches_do_not_hold_the_event_loop() -> None:
    appender = Appender()
    door = MetricDoor(appender, LabelLimits(), Telemetry())
    for count in (1000, 1001):
        await door.accept("t", make_batch(*({"n": str(number)} for number in range(count))))
    here = threading.current_thread()
    assert [thread is here for thread in appender.threads] == [True, False]
