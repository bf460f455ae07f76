"""`appliance trace import` and `export` against a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from appliance.commands.trace_export import export
from appliance.commands.trace_import import import_
from appliance.testing import Appliance

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
ZIPKIN = [
    {
        "traceId": TRACE,
        "id": "00f067aa0ba902b7",
        "name": "get",
        "timestamp": 1_700_000_000_000_000,
        "duration": 5,
        "localEndpoint": {"serviceName": "shop"},
    }
]


def run(command: click.Command, *arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(command, arguments, input=text)


@pytest.fixture(scope="module")
def addr() -> Iterator[str]:
    with Appliance(only=["jaeger"]) as started:
        yield started.urls["jaeger"]


def test_in_with_one_format_out_with_another(addr: str, tmp_path: Path) -> None:
    done = run(import_, "-", "--addr", addr, text=json.dumps(ZIPKIN))
    assert done.exit_code == 0, done.output
    assert "imported 1 spans of 1 traces" in done.stderr
    file = tmp_path / "trace.json"
    done = run(export, TRACE, "--addr", addr, "--format", "otlp", "-o", str(file))
    assert done.exit_code == 0, done.output
    assert (
        json.loads(file.read_bytes())["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["name"]
        == "get"
    )
    again = run(import_, str(file), str(file), "--addr", addr)
    assert "imported 2 spans of 2 traces" in again.stderr
    shown = run(export, TRACE, "--addr", addr)
    assert len(json.loads(shown.stdout)["data"][0]["spans"]) == 1


def test_refusals_name_the_file(addr: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text("{}")
    done = run(import_, str(file), "--addr", addr)
    assert (done.exit_code, "bad.json: HTTP 400: this is no trace file" in done.stderr) == (1, True)
    assert run(import_, str(tmp_path / "none"), "--addr", addr).exit_code == 2
    assert run(import_, str(file), "--addr", "http://127.0.0.1:1").exit_code == 2
    missing = run(export, "9" * 32, "--addr", addr)
    assert (missing.exit_code, "is not here" in missing.stderr) == (1, True)
    assert run(export, TRACE, "--addr", addr, "--format", "xml").exit_code == 2
