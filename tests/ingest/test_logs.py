"""The door for log entries."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future

import numpy as np
import pytest

from appliance.base.telemetry import Telemetry
from appliance.ingest.logs import LogDoor, with_service_name
from appliance.ingest.metrics import LabelLimits
from appliance.model.labels import Labels
from appliance.model.log import StreamBatch


class Appender:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.streams: list[StreamBatch] = []
        self.threads: list[threading.Thread] = []

    def append(self, tenant: str, streams: Sequence[StreamBatch]) -> Future[None]:  # noqa: ARG002
        self.threads.append(threading.current_thread())
        self.streams += streams
        future: Future[None] = Future()
        future.set_result(None)
        return future


def batch(labels: dict[str, str], *lines: bytes) -> StreamBatch:
    return StreamBatch(Labels.of(labels), np.arange(len(lines), dtype=np.int64), list(lines))


def door(appender: Appender) -> LogDoor:
    return LogDoor(appender, LabelLimits(labels=3, value_bytes=20), Telemetry(), line_bytes=10)


async def test_too_long_lines_are_refused_and_the_others_kept() -> None:
    appender = Appender()
    streams = [batch({"app": "a"}, b"short", b"x" * 11, b"fine"), batch({"app": "b"}, b"y" * 12)]
    accepted = await door(appender).accept("t", streams)
    assert (accepted.count, accepted.rejected_count) == (2, 2)
    assert [reject.index for reject in accepted.rejected] == [1, 3]
    assert "max entry size '10' bytes exceeded" in accepted.rejected[0].reason
    assert [stream.lines for stream in appender.streams] == [[b"short", b"fine"]]
    assert appender.streams[0].timestamps_ns.tolist() == [0, 2]


async def test_metadata_stays_with_its_line_when_others_are_refused() -> None:
    appender = Appender()
    stream = batch({"app": "a"}, b"x" * 11, b"fine")
    stream = StreamBatch(stream.labels, stream.timestamps_ns, stream.lines, [(), (("k", "v"),)])
    await door(appender).accept("t", [stream])
    assert appender.streams[0].metadata == [(("k", "v"),)]


async def test_stream_with_too_many_labels_names_the_setting() -> None:
    appender = Appender()
    labels = dict.fromkeys("abcd", "1")
    accepted = await door(appender).accept(
        "t", [batch(labels, b"1", b"2"), batch({"a": "1"}, b"3")]
    )
    assert (accepted.count, accepted.rejected_count) == (1, 2)
    assert "limits.labels_per_series" in accepted.describe()


@pytest.mark.parametrize(
    ("labels", "service"),
    [
        ({"job": "j", "app": "shop"}, "shop"),
        ({"service": "s", "app": "shop"}, "s"),
        ({"x": "y"}, "unknown_service"),
        ({"service_name": "given", "app": "shop"}, "given"),
    ],
)
def test_service_name_is_found_in_the_known_order(labels: dict[str, str], service: str) -> None:
    assert with_service_name(Labels.of(labels)).get("service_name") == service


async def test_large_requests_do_not_hold_the_event_loop() -> None:
    appender = Appender()
    lines, streams = batch({"app": "a"}, *[b"x"] * 5000), [batch({"app": "a"}, b"x")] * 460
    for request in ([batch({"app": "a"}, b"x")], [lines], streams):
        await door(appender).accept("t", request)
    here = threading.current_thread()
    assert [thread is here for thread in appender.threads] == [True, False, False]
