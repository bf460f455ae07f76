"""Logs of containers, from a daemon at a socket into the store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.ingest.tail.docker.fake_docker import EPOCH_NS, FakeDocker
from tests.ingest.tail.tailing import Tailing

CONFIG = """\
clients: [{{url: "http://loki:3100/loki/api/v1/push"}}]
scrape_configs:
  - job_name: containers
    docker_sd_configs: [{{host: "{host}", refresh_interval: 50ms}}]
    relabel_configs:
      - {{source_labels: [__meta_docker_container_name], regex: "/(.*)", target_label: container}}
      - {{source_labels: [__meta_docker_container_log_stream], target_label: stream}}
      - {{source_labels: [__meta_docker_container_label_quiet], regex: "yes", action: drop}}
{rest}"""
DAY_NS = 86_400 * 10**9


@pytest.fixture
def tailing(tmp_path: Path) -> Iterator[Tailing]:
    found = Tailing(tmp_path / "logs.db", max_age_ms=10 * 365 * 86_400_000)
    yield found
    found.close()


@pytest.fixture
def docker() -> FakeDocker:
    return FakeDocker()


@pytest.fixture
async def host(docker: FakeDocker, tmp_path: Path) -> AsyncIterator[str]:
    async with docker.serving(tmp_path) as found:
        yield found


async def test_both_streams_with_their_times_and_labels(
    tailing: Tailing, docker: FakeDocker, host: str
) -> None:
    web = docker.add("c1", "web")
    web.log("hello\n", 1)
    web.log("oops\r\n", 2, "stderr")
    async with tailing.running(CONFIG.format(host=host, rest="")):
        await tailing.wait_for_lines(2)
        web.log("later\n", 3)
        await tailing.wait_for_lines(3)
    assert tailing.entries() == [
        ({"container": "web", "stream": "stdout"}, EPOCH_NS + 1, "hello"),
        ({"container": "web", "stream": "stderr"}, EPOCH_NS + 2, "oops"),
        ({"container": "web", "stream": "stdout"}, EPOCH_NS + 3, "later"),
    ]


async def test_a_restart_goes_on_after_the_last_line_of_that_time(
    tailing: Tailing, docker: FakeDocker, host: str
) -> None:
    web = docker.add("c1", "web")
    for text in ("a\n", "b\n"):
        web.log(text, 5)
    async with tailing.running(CONFIG.format(host=host, rest="")):
        await tailing.wait_for_lines(2)
    web.log("c\n", 5)
    web.log("d\n", 6)
    async with tailing.running(CONFIG.format(host=host, rest="")):
        assert await tailing.wait_for_lines(4) == ["a", "b", "c", "d"]
    assert web.asked_since == ["0.000000000", "1767225600.000000005"]


async def test_containers_come_and_go(tailing: Tailing, docker: FakeDocker, host: str) -> None:
    docker.add("c1", "one").log("from one\n", 1)
    async with tailing.running(CONFIG.format(host=host, rest="")) as manager:
        await tailing.wait_for_lines(1)
        docker.add("c2", "two").log("from two\n", 2)
        docker.add("c3", "three", labels={"quiet": "yes"}).log("unheard\n", 3)
        await tailing.wait_for_lines(2)
        gone = docker.containers.pop("c1")
        gone.changed.set()
        await tailing.wait_for(
            lambda: {source.name for source in manager.status().sources} == {"c2", "c3"}
        )
    assert tailing.lines() == ["from one", "from two"]


async def test_long_lines_in_parts_and_terminals(
    tailing: Tailing, docker: FakeDocker, host: str
) -> None:
    web = docker.add("c1", "web")
    web.log("first part, ", 1)
    web.log("between\n", 2, "stderr")
    web.log("second part\n", 3)
    shell = docker.add("c2", "shell", terminal=True)
    shell.log("$ ls\r\n", 4)
    async with tailing.running(CONFIG.format(host=host, rest="")):
        lines = await tailing.wait_for_lines(3)
    assert lines == ["first part, second part", "between", "$ ls"]


async def test_what_stages_hold_is_read_again(
    tailing: Tailing, docker: FakeDocker, host: str
) -> None:
    rest = """\
    pipeline_stages:
      - multiline: {firstline: '^\\S', max_wait_time: 60s}
"""
    web = docker.add("c1", "web")
    web.log("first\n", 1)
    web.log(" more\n", 2)
    web.log("second\n", 3)
    async with tailing.running(CONFIG.format(host=host, rest=rest)):
        await tailing.wait_for_lines(1)
    web.log(" more\n", 4)
    web.log("third\n", 5)
    async with tailing.running(CONFIG.format(host=host, rest=rest)):
        assert await tailing.wait_for_lines(2) == ["first\n more", "second\n more"]


async def test_a_daemon_that_is_away_is_an_error_that_ends(
    tailing: Tailing, docker: FakeDocker, tmp_path: Path
) -> None:
    docker.add("c1", "web").log("hello\n", 1)
    host = f"unix://{tmp_path}/docker.sock"
    async with tailing.running(CONFIG.format(host=host, rest="")) as manager:
        await tailing.wait_for(lambda: True)
        async with docker.serving(tmp_path):
            assert await tailing.wait_for_lines(1) == ["hello"]
            assert [source.error for source in manager.status().sources] == [""]
