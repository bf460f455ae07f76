"""Entries pushed to a job of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from appliance.model.labels import Labels
from appliance.model.log import StreamBatch
from tests.ingest.tail.tailing import Tailing

CONFIG = """\
clients: [{{url: "http://loki:3100/loki/api/v1/push"}}]
scrape_configs:
  - job_name: pushed
    loki_push_api: {{server: {{http_listen_port: 3500}}, labels: {{pushserver: p1}}{more}}}
    relabel_configs:
      - {{source_labels: [from], target_label: origin}}
      - {{action: labeldrop, regex: from}}
      - {{source_labels: [drop], regex: "yes", action: drop}}
"""
BATCH = StreamBatch(
    Labels.of({"app": "a", "from": "there", "__hidden": "x"}),
    np.array([1_767_225_600_000_000_000]),
    [b"hello"],
    [(("trace", "t1"),)],
)


@pytest.fixture
def tailing(tmp_path: Path) -> Iterator[Tailing]:
    found = Tailing(tmp_path / "logs.db", max_age_ms=10 * 365 * 86_400_000)
    yield found
    found.close()


@pytest.mark.parametrize("is_kept", [True, False])
async def test_streams_are_relabelled_and_get_their_time(
    tailing: Tailing, *, is_kept: bool
) -> None:
    more = f", use_incoming_timestamp: {str(is_kept).lower()}"
    dropped = StreamBatch(Labels.of({"drop": "yes"}), BATCH.timestamps_ns, [b"unheard"])
    async with tailing.running(CONFIG.format(more=more)):
        await tailing.wait_for(lambda: tailing.opened)
        await tailing.opened[0].take_streams([dropped, BATCH], "")
        [(labels, time_ns, line)] = tailing.entries()
    assert labels == {"app": "a", "origin": "there", "pushserver": "p1"}
    assert line == "hello"
    assert (time_ns == 1_767_225_600_000_000_000) is is_kept


async def test_the_tenant_of_a_push_stays(tailing: Tailing) -> None:
    async with tailing.running(CONFIG.format(more="")):
        await tailing.wait_for(lambda: tailing.opened)
        await tailing.opened[0].take_streams([BATCH], "team")
    assert tailing.lines("team") == ["hello"]


async def test_raw_lines(tailing: Tailing) -> None:
    async with tailing.running(CONFIG.format(more="")) as manager:
        await tailing.wait_for(lambda: tailing.opened)
        await tailing.opened[0].take_lines(b"one\r\n\ntwo")
        assert [source.lines for source in manager.status().sources] == [2]
    assert [(labels, line) for labels, _, line in tailing.entries()] == [
        ({"pushserver": "p1"}, "one"),
        ({"pushserver": "p1"}, "two"),
    ]


async def test_where_it_listens_is_decided_by_the_server(tailing: Tailing) -> None:
    hosts: list[str] = []

    async def listen(host: str, port: int, _: object) -> tuple[int, Callable[[], Awaitable[None]]]:
        hosts.append(host)
        return port, lambda: asyncio.sleep(0)

    given = {"open_push": listen, "host_for": lambda host, _: host or "127.0.0.1"}
    async with tailing.running(CONFIG.format(more=""), **given) as manager:
        await tailing.wait_for(lambda: hosts)
        (source,) = manager.status().sources
    assert (hosts, source.name) == (["127.0.0.1"], "http://127.0.0.1:3500")


async def test_large_pushes(tailing: Tailing) -> None:
    lines = [b"line %d" % number for number in range(20_000)]
    batch = StreamBatch(BATCH.labels, np.arange(len(lines), dtype=np.int64), lines)
    async with tailing.running(CONFIG.format(more="")):
        await tailing.wait_for(lambda: tailing.opened)
        await asyncio.gather(
            tailing.opened[0].take_streams([batch], ""),
            tailing.opened[0].take_lines(b"\n".join(lines)),
        )
    assert sorted(tailing.lines()) == sorted(line.decode() for line in [*lines, *lines])
