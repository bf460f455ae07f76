"""A full disk: clear refusals, and everything goes on when there is room again."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.base.errors import StorageFull
from appliance.store.retention import Retention
from appliance.testing import Appliance, ServerFailed
from tests.faults.senders import JSON, log_body, metric_body, span_body
from tests.faults.stores import BLOCKS, SIGNALS, items, open_store
from tests.faults.stores import fill as fill_store
from tests.reading import call, log_lines


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB; needs the right to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small tmpfs needs root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take all the room there is."""
    filler = folder / "filler"
    with filler.open("wb") as file:
        while True:
            try:
                file.write(b"x" * 65536)
                file.flush()
            except OSError:
                return filler


def big_log(number: int) -> bytes:
    entries = [[str(time.time_ns() + n), f"{number} {os.urandom(500).hex()}"] for n in range(300)]
    return json.dumps({"streams": [{"stream": {"app": "big"}, "values": entries}]}).encode()


def test_full_disk_refuses_clearly_and_recovers(small_disk: Path) -> None:
    import grpc

    with Appliance(small_disk / "data") as server:
        push = server.urls["loki"] + "/loki/api/v1/push"
        spans = server.urls["otlp_http"] + "/v1/traces"
        assert call(push, log_body(1), headers=JSON)[0] == 204
        filler = fill(small_disk)
        refused = []
        for number in range(200):  # until the write-ahead log needs room that is not there
            status, text = call(push, big_log(number), headers=JSON)
            if status != 204:
                refused.append((status, text))
                break
        assert refused[0][0] == 503, refused
        assert b"no space left" in refused[0][1]
        assert read_until_refused(spans, span_body) == 503
        with grpc.insecure_channel(server.urls["otlp_grpc"]) as channel:
            path = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
            export = channel.unary_unary(path)
            assert code_when_refused(export) is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert [line for _, line in log_lines(server, '{app="fault"}')] == ["1"]
        filler.unlink()
        assert call(push, log_body(2), headers=JSON)[0] == 204
        assert (
            call(spans, span_body(77), headers={"Content-Type": "application/x-protobuf"})[0] == 200
        )
        assert sorted(line for _, line in log_lines(server, '{app="fault"}')) == ["1", "2"]
    with Appliance(small_disk / "data", only=["loki"]) as server:
        assert sorted(line for _, line in log_lines(server, '{app="fault"}')) == ["1", "2"]


def code_when_refused(export: Callable[[bytes], object]) -> object:
    """The first gRPC status that is not OK."""
    import grpc

    for number in range(3000):
        try:
            export(metric_body(number))
        except grpc.RpcError as error:
            return error.code()
    return None


def read_until_refused(url: str, encode: Callable[[int], bytes]) -> int:
    """The first status that is not a success."""
    for number in range(3000):
        status, _ = call(url, encode(number), headers={"Content-Type": "application/x-protobuf"})
        if status != 200:
            return status
    return 200


@pytest.mark.parametrize("signal", SIGNALS)
def test_seal_on_a_full_disk_loses_and_repeats_nothing(small_disk: Path, signal: str) -> None:
    path = small_disk / f"{signal}.db"
    store = open_store(signal, path)
    fill_store(signal, store, seal=False)
    filler = fill(small_disk)
    for _ in range(2):
        with pytest.raises(StorageFull):
            store.seal(force=True)
        assert items(signal, store) == BLOCKS
    filler.unlink()
    assert store.seal(force=True)
    assert items(signal, store) == BLOCKS
    assert store.stats().head_items == 0
    store.close()
    store = open_store(signal, path)
    assert items(signal, store) == BLOCKS
    assert store.stats().head_items == 0
    store.close()


def test_start_on_a_full_disk_is_refused_and_sets_nothing_aside(small_disk: Path) -> None:
    data = small_disk / "data"
    with Appliance(data, only=["loki"]) as server:
        push = server.urls["loki"] + "/loki/api/v1/push"
        assert call(push, log_body(1), headers=JSON)[0] == 204
        server.kill()
    for memory in data.glob("*-shm"):
        memory.unlink()  # as after a power cut
    filler = fill(small_disk)
    with pytest.raises(ServerFailed, match="exit code 4") as refused:
        Appliance(data, only=["loki"]).start()
    assert "free disk space" in str(refused.value)
    assert "Traceback" not in str(refused.value)
    filler.unlink()
    with Appliance(data, only=["loki"]) as server:
        assert [line for _, line in log_lines(server, '{app="fault"}')] == ["1"]
    assert not list(data.glob("*.damaged-*"))


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_disk_that_our_data_fill_can_be_pruned(small_disk: Path, signal: str) -> None:
    store = open_store(signal, small_disk / f"{signal}.db")
    with pytest.raises(StorageFull, match="kept for deleting"):  # noqa: PT012 - until it is
        while True:
            fill_store(signal, store, seal=True)
    assert store.retain(Retention(max_bytes=512 << 10)).blocks
    fill_store(signal, store, seal=True)
    store.close()
