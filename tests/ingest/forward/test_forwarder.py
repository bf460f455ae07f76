"""From the tap through the queue to a receiving server over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp import web

from appliance.base.clock import SystemClock
from appliance.base.errors import Unavailable
from appliance.base.telemetry import Telemetry
from appliance.config.scalars import Duration, Regex, Url
from appliance.ingest.forward.forwarder import Forwarder
from appliance.ingest.forward.reader import reader_name
from appliance.ingest.scrape.remote_config import (
    MetadataConfig,
    QueueConfig,
    RemoteWriteConfig,
    WriteMessage,
)
from appliance.model.exemplar import Exemplar
from appliance.model.histogram import Histogram
from appliance.model.labels import Labels
from appliance.model.sample import (
    ABSENT,
    ColumnExtras,
    MetricMetadata,
    SampleBatch,
    box_histograms,
)
from appliance.relabel import Action, RelabelConfig
from appliance.store.database import DatabaseOptions
from appliance.store.forward.queue import ForwardQueue, QueueBounds
from appliance.store.metrics.options import MetricStoreOptions
from appliance.store.metrics.store import MetricStore
from appliance.wire import snappy
from appliance.wire.remote import write_v1, write_v2
from appliance.wire.remote.symbols import SymbolNumbers
from tests.remote_requests import NOW
from tests.sources import labels

QUICK = QueueConfig(batch_send_deadline=Duration(5), min_backoff=Duration(5))


@dataclass
class Receiver:
    """Another server; answers with `statuses` first, with 204 later."""

    statuses: list[int] = field(default_factory=list)
    samples: list[tuple[Labels, int, float]] = field(default_factory=list)
    histograms: list[tuple[Labels, int, float]] = field(default_factory=list)
    exemplars: list[tuple[Labels, Exemplar]] = field(default_factory=list)
    metadata: dict[str, MetricMetadata] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)
    headers: list[Any] = field(default_factory=list)
    url: str = ""

    async def write(self, request: web.Request) -> web.Response:
        body = snappy.decompress(await request.read(), limit=1 << 20)
        self.headers.append(request.headers)
        if self.statuses:
            return web.Response(status=self.statuses.pop(0), text="no")
        is_v2 = "v2" in request.headers["Content-Type"]
        found = write_v2.decode(body, SymbolNumbers()) if is_v2 else write_v1.decode(body, set())
        self.metadata.update(found.metadata)
        self.starts += [] if found.starts_ms is None else found.starts_ms.tolist()
        for row, exemplar in found.exemplars:
            self.exemplars.append((found.read_labels(found.keys[row]), exemplar))
        for row, at, value in zip(
            found.series.tolist(), found.timestamps_ms.tolist(), found.values.tolist(), strict=True
        ):
            self.samples.append((found.read_labels(found.keys[row]), at, value))
        if found.histograms:
            self.histograms += [(*self.samples.pop()[:2], item.sum) for item in found.histograms]
        return web.Response(status=204)


@asynccontextmanager
async def receiving(receiver: Receiver) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_post("/write", receiver.write)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/write"
    try:
        yield
    finally:
        await runner.cleanup()


@dataclass
class Sending:
    """A forwarder at work."""

    forwarder: Forwarder
    queue: ForwardQueue
    store: MetricStore
    telemetry: Telemetry

    def push(self, item: Labels, *points: tuple[int, float]) -> Future[None]:
        batch = SampleBatch(
            [item],
            np.zeros(len(points), dtype=np.int64),
            np.array([at for at, _ in points], dtype=np.int64),
            np.array([value for _, value in points]),
        )
        return self.forwarder.appender.append("anonymous", batch)

    def value(self, name: str, **more: str) -> float:
        for metric in self.telemetry.registry.collect():
            for sample in metric.samples:
                if sample.name == "prometheus_remote_storage_" + name and (
                    more.items() <= sample.labels.items()
                ):
                    return sample.value
        raise KeyError(name)


@asynccontextmanager
async def sending(
    path: Path, *configs: RemoteWriteConfig, external: Labels | None = None
) -> AsyncIterator[Sending]:
    telemetry = Telemetry()
    options = DatabaseOptions(synchronous="OFF")
    queue = ForwardQueue(path / "f.db", QueueBounds(), database=options, telemetry=telemetry)
    store = MetricStore(
        path / "m.db",
        MetricStoreOptions(),
        database=options,
        clock=SystemClock(),
        telemetry=telemetry,
    )
    forwarder = Forwarder(
        store,
        queue,
        SystemClock(),
        telemetry,
        tenant="anonymous",
        metadata=lambda: {"up": MetricMetadata("gauge", "Is up.")},
    )
    await forwarder.start()
    await forwarder.apply(configs, external or Labels(), path)
    try:
        yield Sending(forwarder, queue, store, telemetry)
    finally:
        await forwarder.stop()
        queue.close()
        store.close()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what a server has seen is no event
            await asyncio.sleep(0.005)


def config(receiver: Receiver, **options: Any) -> RemoteWriteConfig:
    options.setdefault("queue_config", QUICK)
    options.setdefault("metadata_config", MetadataConfig(send=False))
    return RemoteWriteConfig(url=receiver.url, **options)


UP, DOWN = labels(name="up", job="a"), labels(name="down")


@pytest.mark.parametrize("message", list(WriteMessage))
async def test_pushes_and_scrapes_arrive(tmp_path: Path, message: WriteMessage) -> None:
    receiver = Receiver()
    async with receiving(receiver):
        given = config(receiver, protobuf_message=message, headers={"X-Scope-OrgID": "t"})
        async with sending(tmp_path, given, external=labels(job="x", region="eu")) as sender:
            await asyncio.wrap_future(sender.push(UP, (NOW, 1.0), (5, 2.0)))
            ids = sender.store.resolve("anonymous", [UP, DOWN])
            values = np.array([ABSENT, 3.0])
            await asyncio.wrap_future(
                sender.forwarder.appender.append_column("anonymous", "g", NOW + 9, ids, values)
            )
            await asyncio.wrap_future(
                sender.forwarder.appender.append(
                    "other",
                    SampleBatch(
                        [UP], np.zeros(1, dtype=np.int64), np.array([NOW]), np.array([9.0])
                    ),
                )
            )
            await until(lambda: len(receiver.samples) == 3)
    up = labels(name="up", job="a", region="eu")
    assert [sample for sample in receiver.samples if sample[0] == up] == [
        (up, NOW, 1.0),
        (up, 5, 2.0),
    ]
    assert (labels(name="down", job="x", region="eu"), NOW + 9, 3.0) in receiver.samples
    assert receiver.headers[0]["X-Scope-OrgID"] == "t"
    version = {"prometheus.WriteRequest": "0.1.0"}.get(message.value, "2.0.0")
    assert receiver.headers[0]["X-Prometheus-Remote-Write-Version"] == version


@pytest.mark.parametrize("message", list(WriteMessage))
async def test_histograms_exemplars_start_times(tmp_path: Path, message: WriteMessage) -> None:
    receiver = Receiver()
    async with receiving(receiver):
        given = config(
            receiver, protobuf_message=message, send_exemplars=True, send_native_histograms=True
        )
        async with sending(tmp_path, given) as sender:
            ids = sender.store.resolve("anonymous", [UP, DOWN])
            extras = ColumnExtras(
                [Histogram(0, 2.0, 3.5, zero_count=2.0)],
                np.array([NOW - 1, 0]),
                [(1, Exemplar(labels(trace_id="t"), 1.0, NOW))],
            )
            values = np.array([7.0, box_histograms(np.array([0]))[0]])
            await asyncio.wrap_future(
                sender.forwarder.appender.append_column(
                    "anonymous", "g", NOW, ids, values, extras=extras
                )
            )
            await until(lambda: receiver.histograms and receiver.exemplars and receiver.samples)
            await until(lambda: sender.value("histograms_total") == 1)
    assert receiver.samples == [(UP, NOW, 7.0)]
    assert receiver.histograms == [(DOWN, NOW, 3.5)]
    assert receiver.exemplars == [(DOWN, Exemplar(labels(trace_id="t"), 1.0, NOW))]
    assert (NOW - 1 in receiver.starts) == (message is WriteMessage.V2)


async def test_relabelling_drops_and_renames(tmp_path: Path) -> None:
    steps = (
        RelabelConfig(source_labels=("__name__",), regex=Regex("down"), action=Action.DROP),
        RelabelConfig(target_label="job", replacement="new"),
    )
    receiver = Receiver()
    async with receiving(receiver):
        given = config(receiver, write_relabel_configs=steps)
        async with sending(tmp_path, given) as sender:
            await asyncio.wrap_future(sender.push(DOWN, (NOW, 1.0)))
            await asyncio.wrap_future(sender.push(UP, (NOW, 2.0)))
            await until(lambda: receiver.samples)
            await until(lambda: sender.value("samples_dropped_total", reason="dropped_series") == 1)
    assert receiver.samples == [(labels(name="up", job="new"), NOW, 2.0)]


async def test_failures_are_tried_again_refusals_are_not(tmp_path: Path) -> None:
    receiver = Receiver([503, 500, 400])
    async with receiving(receiver), sending(tmp_path, config(receiver)) as sender:
        await asyncio.wrap_future(sender.push(UP, (NOW, 1.0)))
        await until(lambda: not receiver.statuses)
        await asyncio.wrap_future(sender.push(UP, (NOW + 1, 2.0)))
        await until(lambda: receiver.samples)
        assert sender.value("samples_retried_total") == 2
        assert sender.value("samples_failed_total") == 1
    assert receiver.samples == [(UP, NOW + 1, 2.0)]


async def test_what_waits_is_sent_after_a_restart(tmp_path: Path) -> None:
    receiver = Receiver([503] * 100_000)
    async with receiving(receiver):
        async with sending(tmp_path, config(receiver)) as sender:
            await asyncio.wrap_future(sender.push(UP, (NOW, 1.0)))
            await until(lambda: receiver.headers)
        receiver.statuses.clear()
        async with sending(tmp_path, config(receiver)):
            await until(lambda: receiver.samples)
    assert receiver.samples[0] == (UP, NOW, 1.0)


async def test_metadata_of_version_1(tmp_path: Path) -> None:
    receiver = Receiver()
    async with receiving(receiver):
        given = config(receiver, metadata_config=MetadataConfig())
        async with sending(tmp_path, given):
            await until(lambda: receiver.metadata)
    assert receiver.metadata["up"] == MetricMetadata("gauge", "Is up.")


async def test_large_rounds_are_split(tmp_path: Path) -> None:
    receiver = Receiver()
    queue = QueueConfig(
        batch_send_deadline=Duration(5), max_samples_per_send=10, max_shards=3, min_shards=2
    )
    async with receiving(receiver), sending(tmp_path, config(receiver, queue_config=queue)) as s:
        series = [labels(name="m", n=str(n)) for n in range(20)]
        for item in series:
            s.push(item, *[(NOW + n, float(n)) for n in range(5)])
        await until(lambda: len(receiver.samples) == 100)
    for item in series:
        assert [v for of, _, v in receiver.samples if of == item] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert len(receiver.headers) >= 10


async def test_a_failing_store_is_told(tmp_path: Path) -> None:
    receiver = Receiver()
    async with receiving(receiver), sending(tmp_path, config(receiver)) as sender:
        sender.store.close()
        with pytest.raises(Unavailable):
            sender.push(UP, (NOW, 1.0))
        assert sender.queue.pending_samples(0) == 0


async def test_nothing_is_queued_for_nobody(tmp_path: Path) -> None:
    async with sending(tmp_path) as sender:
        await asyncio.wrap_future(sender.push(UP, (NOW, 1.0)))
        assert sender.queue.pending_samples(0) == 0


async def test_login(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret\n")
    receiver = Receiver()
    async with receiving(receiver):
        given = config(receiver, bearer_token_file="token")
        async with sending(tmp_path, given) as sender:
            sender.push(UP, (NOW, 1.0))
            await until(lambda: receiver.samples)
    assert receiver.headers[0]["Authorization"] == "Bearer secret"


def test_the_queue_does_not_know_passwords() -> None:
    plain = RemoteWriteConfig(url=Url("http://host/write"), name="a")
    secret = RemoteWriteConfig(url=Url("http://user:hunter2@host/write"), name="a")
    other = RemoteWriteConfig(url=Url("http://user:hunter3@host/write"), name="a")
    assert reader_name(plain) == "a http://host/write"
    assert "hunter2" not in reader_name(secret)
    assert reader_name(secret) != reader_name(other)
