"""One signal's file is damaged: it is set aside and named, the other signals serve."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.testing import Appliance
from tests.faults.senders import FIRST_SAMPLE_MS, JSON, PROTOBUF, log_body, metric_body, span_body
from tests.reading import call, log_lines, query, trace_spans


def send_one_of_each(server: Appliance) -> None:
    otlp = server.urls["otlp_http"]
    assert call(otlp + "/v1/traces", span_body(4), headers=PROTOBUF)[0] == 200
    assert call(otlp + "/v1/metrics", metric_body(5), headers=PROTOBUF)[0] == 200
    push = server.urls["loki"] + "/loki/api/v1/push"
    assert call(push, log_body(6), headers=JSON)[0] == 204


@pytest.mark.parametrize("signal", ["metrics", "logs", "traces"])
def test_damaged_file_is_set_aside_and_the_others_serve(tmp_path: Path, signal: str) -> None:
    data = tmp_path / "data"
    with Appliance(data) as server:
        send_one_of_each(server)
    file = data / f"{signal}.db"
    file.write_bytes(b"\0" * 50 + file.read_bytes()[50:])
    with Appliance(data) as server:
        found = {
            "metrics": bool(query(server, "fault", time=(FIRST_SAMPLE_MS + 5) / 1000)),
            "logs": bool(log_lines(server, '{app="fault"}')),
            "traces": bool(trace_spans(server, f"{5:032x}")),
        }
        assert found == {name: name != signal for name in found}
        assert f"{signal}.db is damaged" in server.tail(100)
        send_one_of_each(server)
        _, metrics = call(server.urls["prometheus"] + "/metrics")
        assert f'appliance_store_damaged_files{{signal="{signal}"}} 1.0'.encode() in metrics
    assert list(data.glob(f"{signal}.db.damaged-*"))
