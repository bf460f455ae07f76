"""Plain Loki pushes in every encoding."""

from __future__ import annotations

import gzip
import json
import time
from functools import partial
from pathlib import Path

import pytest

from appliance.testing import Appliance
from appliance.wire import snappy
from appliance.wire.messages.loki_push_pb2 import PushRequest
from tests.reading import call, get_json, log_lines


def as_json(app: str, entries: list[tuple[int, str]]) -> bytes:
    values = [[str(at), line] for at, line in entries]
    return json.dumps({"streams": [{"stream": {"app": app}, "values": values}]}).encode()


def as_protobuf(app: str, entries: list[tuple[int, str]]) -> bytes:
    message = PushRequest()
    stream = message.streams.add(labels=f'{{app="{app}"}}'.encode())
    for at, line in entries:
        entry = stream.entries.add(line=line.encode())
        entry.timestamp.seconds, entry.timestamp.nanos = divmod(at, 10**9)
    return snappy.compress(message.SerializeToString())


@pytest.mark.parametrize(
    ("name", "encode", "headers"),
    [
        ("json", as_json, {"Content-Type": "application/json"}),
        ("proto", as_protobuf, {"Content-Type": "application/x-protobuf"}),
        (
            "gzip",
            lambda app, entries: gzip.compress(as_json(app, entries)),
            {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        ),
    ],
)
def test_pushed_lines_are_read_back_at_once(
    server: Appliance, name: str, encode: object, headers: dict[str, str]
) -> None:
    now = time.time_ns()
    entries = [(now - 1000 + n, f"{name} line {n} ü") for n in range(5)]
    assert callable(encode)
    url = server.urls["loki"] + "/loki/api/v1/push"
    assert call(url, encode(name, entries), headers=headers) == (204, b"")
    assert log_lines(server, f'{{app="{name}"}}') == entries
    assert log_lines(server, f'{{app="{name}"}} |= "line 3" != "nothing"') == [entries[3]]
    labels = get_json(server.urls["loki"] + "/loki/api/v1/labels")["data"]
    assert {"app", "service_name"} <= set(labels)


def test_broken_bodies_are_answered_in_the_contracts_form(server: Appliance) -> None:
    url = server.urls["loki"] + "/loki/api/v1/push"
    for body, headers in (
        (b"{", {"Content-Type": "application/json"}),
        (b"\xff\xff\xff\xff", {"Content-Type": "application/x-protobuf"}),
        (b"no gzip", {"Content-Type": "application/json", "Content-Encoding": "gzip"}),
    ):
        status, text = call(url, body, headers=headers)
        assert status == 400, (body, status, text)
        assert b"Traceback" not in text
        assert text.strip()


def test_tenants_do_not_see_each_other(server: Appliance) -> None:
    now = time.time_ns()
    url = server.urls["loki"] + "/loki/api/v1/"
    headers = {"Content-Type": "application/json", "X-Scope-OrgID": "acme"}
    assert call(url + "push", as_json("secret", [(now, "theirs")]), headers=headers)[0] == 204
    assert log_lines(server, '{app="secret"}') == []
    status, body = call(
        url + "query_range", headers={"X-Scope-OrgID": "acme"}, query='{app="secret"}'
    )
    assert status == 200
    assert json.loads(body)["data"]["result"][0]["values"] == [[str(now), "theirs"]]


def test_reload_changes_limits_of_lines(tmp_path: Path) -> None:
    file = tmp_path / "appliance.yml"
    file.write_text("limits: {line_bytes: 64KiB}\n")
    with Appliance(tmp_path / "data", only=("loki",), args=["-c", str(file)]) as server:
        loki = server.urls["loki"]
        push = partial(
            call, loki + "/loki/api/v1/push", headers={"Content-Type": "application/json"}
        )
        assert push(as_json("long", [(time.time_ns(), "x" * 60_000)]))[0] == 204
        file.write_text("limits: {line_bytes: 32KiB}\n")
        assert call(loki + "/-/reload", b"", method="POST")[0] == 200
        status, text = push(as_json("long", [(time.time_ns(), "x" * 60_000)]))
        assert status == 400
        assert b"'32768' bytes" in text
