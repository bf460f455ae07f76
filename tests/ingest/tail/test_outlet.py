"""Where entries go: our own store, other servers, or both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from aiohttp import web

from appliance.base.errors import Unavailable
from appliance.ingest.tail.client import split
from appliance.ingest.tail.outlet import is_own
from appliance.model.accepted import Accepted
from appliance.model.labels import Labels
from appliance.model.log import StreamBatch
from appliance.wire import snappy
from appliance.wire.loki import decode_push_protobuf
from tests.ingest.servers import serving
from tests.ingest.tail.tailing import Tailing, job

OWN = "{url: 'http://loki:3100/loki/api/v1/push'}"


@pytest.fixture
def tailing(tmp_path: Path) -> Iterator[Tailing]:
    found = Tailing(tmp_path / "logs.db")
    yield found
    found.close()


@dataclass
class OtherLoki:
    """Takes pushes; answers with the given statuses first."""

    statuses: list[int] = field(default_factory=list)
    tenants: list[str] = field(default_factory=list)
    batches: list[StreamBatch] = field(default_factory=list)
    requests: int = 0

    async def handle(self, request: web.Request) -> web.Response:
        self.requests += 1
        body = await request.read()
        if self.statuses:
            return web.Response(status=self.statuses.pop(0), text="not now\nsecond line")
        self.tenants.append(request.headers.get("X-Scope-OrgID", ""))
        self.batches += decode_push_protobuf(snappy.decompress(body, limit=1 << 20))
        return web.Response(status=204)

    @property
    def lines(self) -> list[str]:
        return [line.decode() for batch in self.batches for line in batch.lines]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        async with serving(self.handle) as address:
            yield f"http://{address}/loki/api/v1/push"


def with_clients(text: str, *clients: str) -> str:
    return text.replace(text.splitlines()[0], f"clients: [{', '.join(clients)}]")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://loki:3100/loki/api/v1/push", True),
        ("http://localhost:3100/loki/api/v1/push", True),
        ("http://127.0.0.1:3100/api/prom/push", True),
        ("http://loki.monitoring.svc:3100/loki/api/v1/push", True),
        ("http://localhost:23100/loki/api/v1/push", True),
        ("http://localhost:9999/loki/api/v1/push", False),
        ("https://logs-prod-012.grafana.net/loki/api/v1/push", False),
        ("http://10.0.0.7:3100/loki/api/v1/push", False),
        ("http://localhost:3100/other", False),
    ],
)
def test_which_addresses_mean_ourselves(url: str, *, expected: bool) -> None:
    assert is_own(url, frozenset([23100])) is expected


async def test_tenant_and_labels_of_a_client_that_is_ourselves(
    tailing: Tailing, tmp_path: Path
) -> None:
    file = tmp_path / "a.log"
    file.write_text("one\n")
    own = OWN.replace("}", ", tenant_id: team, external_labels: {host: h, job: unused}}")
    async with tailing.running(with_clients(job(file), own)):
        await tailing.wait_for(lambda: tailing.entries("team"))
    assert tailing.entries("team")[0][0] == {"job": "app", "filename": str(file), "host": "h"}
    assert tailing.entries() == []


async def test_others_get_batches_and_we_keep_the_marks(tailing: Tailing, tmp_path: Path) -> None:
    file, other = tmp_path / "a.log", OtherLoki()
    file.write_text("one\ntwo\n")
    async with other.serving() as url:
        client = f"{{url: '{url}', tenant_id: t, external_labels: {{host: h}}}}"
        for _ in range(2):
            async with tailing.running(with_clients(job(file), client)):
                await tailing.wait_for(lambda: len(other.lines) >= 2)
    assert other.lines == ["one", "two"]
    assert other.tenants == ["t"]
    assert other.batches[0].labels == Labels.of({"job": "app", "filename": str(file), "host": "h"})
    assert tailing.lines() == []


async def test_both_get_everything(tailing: Tailing, tmp_path: Path) -> None:
    file, other = tmp_path / "a.log", OtherLoki()
    file.write_text("one\n")
    async with other.serving() as url:
        clients = (OWN, f"{{url: '{url}', batchwait: 10ms}}")
        async with tailing.running(with_clients(job(file), *clients)):
            await tailing.wait_for_lines(1)
            await tailing.wait_for(lambda: other.lines == ["one"])


async def test_what_is_refused_is_dropped_and_what_fails_is_sent_again(
    tailing: Tailing, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file, other = tmp_path / "a.log", OtherLoki(statuses=[500, 429, 400])
    file.write_text("refused\n")
    async with other.serving() as url:
        client = f"{{url: '{url}', backoff_config: {{min_period: 1ms, max_period: 2ms}}}}"
        async with tailing.running(with_clients(job(file), client)):
            await tailing.wait_for(lambda: other.requests == 3)
            with file.open("a") as writer:
                writer.write("taken\n")
            await tailing.wait_for(lambda: other.lines == ["taken"])
    exposed = tailing.telemetry.expose().decode()
    assert 'reason="ingester_error"' in exposed
    assert "promtail_batch_retries_total" in exposed
    messages = [record.getMessage() for record in caplog.records]
    assert any("HTTP status 400" in message and "not now" in message for message in messages)


async def test_a_batch_is_given_up_after_so_many_times(tailing: Tailing, tmp_path: Path) -> None:
    file, other = tmp_path / "a.log", OtherLoki(statuses=[503] * 3)
    file.write_text("lost\n")
    async with other.serving() as url:
        backoff = "{min_period: 1ms, max_period: 1ms, max_retries: 3}"
        client = f"{{url: '{url}', backoff_config: {backoff}}}"
        async with tailing.running(with_clients(job(file), client)):
            await tailing.wait_for(lambda: other.requests == 3)
            with file.open("a") as writer:
                writer.write("next\n")
            await tailing.wait_for(lambda: other.lines == ["next"])


class BusyDoor:
    """A door that cannot take anything for a while."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.marks: list[str] = []

    async def accept_many(self, _: object, marks: dict[str, str], **__: object) -> Accepted:
        await asyncio.sleep(0)
        if self.refusals:
            self.refusals -= 1
            raise Unavailable("the disk is full")
        self.marks += marks.values()
        return Accepted(1)


async def test_lines_wait_for_a_store_that_is_busy(
    tailing: Tailing, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file, door = tmp_path / "a.log", BusyDoor(refusals=1)
    file.write_text("one\n")
    async with tailing.running(job(file), door=door):
        await tailing.wait_for(lambda: any('"offset":4' in mark for mark in door.marks))
    waiting = [record for record in caplog.records if "disk is full" in record.getMessage()]
    assert len(waiting) == 1


async def test_lines_that_are_too_long_are_dropped_or_cut(tailing: Tailing, tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    file.write_text("short\n" + "ä" * 10 + "\nend\n")
    limits = "limits_config: {max_line_size: 7%s}\n"
    async with tailing.running(limits % "" + job(file, name="dropped")):
        assert await tailing.wait_for_lines(2) == ["short", "end"]
    async with tailing.running(
        limits % ", max_line_size_truncate: true" + job(file, name="dropped2")
    ):
        with file.open("a") as writer:
            writer.write("ä" * 10 + "\n")
        assert (await tailing.wait_for_lines(3))[2] == "äää"
    exposed = tailing.telemetry.expose().decode()
    assert (
        'promtail_dropped_entries_total{host="self",reason="line_too_long",tenant=""} 1.0'
        in exposed
    )
    assert (
        'promtail_mutated_bytes_total{host="self",reason="line_too_long",tenant=""} 13.0' in exposed
    )


def test_requests_are_split_at_their_size() -> None:
    lines = [b"x" * 9] * 10 + [b"y" * 100]
    batch = StreamBatch(Labels.of({"a": "b"}), np.arange(11), lines)
    parts = list(split([batch, batch], 40))
    assert [line for part in parts for one in part for line in one.lines] == lines * 2
    sizes = [sum(len(line) + 1 for one in part for line in one.lines) for part in parts]
    assert max(sizes) == 101
    assert all(size <= 40 for size in sizes if size != 101)


async def test_a_tenant_taken_from_lines_that_is_none_holds_up_no_others(
    tailing: Tailing, tmp_path: Path
) -> None:
    other = OtherLoki()
    file = tmp_path / "a.log"
    file.write_text("../evil one\nteam two\n")
    stages = """\
    pipeline_stages:
      - regex: {expression: '^(?P<team>\\S+)'}
      - tenant: {source: team}
"""
    async with other.serving() as url:
        text = with_clients(job(file, rest=stages), OWN, f"{{url: '{url}', batchwait: 10ms}}")
        async with tailing.running(text):
            await tailing.wait_for(lambda: tailing.lines("team") and other.lines)
    assert (other.tenants, other.lines) == (["team"], ["team two"])
    assert "../evil" not in tailing.store.stats().tenants
    assert 'promtail_dropped_entries_total{host="self"' in tailing.telemetry.expose().decode()


async def test_a_server_that_fails_does_not_hold_up_the_others(
    tailing: Tailing, tmp_path: Path
) -> None:
    file, dead, good = tmp_path / "a.log", OtherLoki(statuses=[503] * 9), OtherLoki()
    file.write_text("one\n")
    async with dead.serving() as first, good.serving() as second:
        backoff = "{min_period: 1h, max_period: 1h}"
        clients = f"{{url: '{first}', backoff_config: {backoff}}}", f"{{url: '{second}'}}"
        async with tailing.running(with_clients(job(file), *clients)):
            await tailing.wait_for(lambda: good.lines == ["one"] and dead.requests == 1)
