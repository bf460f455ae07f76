"""The examples run as they are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from appliance.config.problem import has_errors
from appliance.settings.root import load
from appliance.testing import Appliance
from tests.reading import log_lines, query, trace_spans

ROOT = Path(__file__).parents[2]


def run(script: str, *args: str, **env: str) -> str:
    command = [sys.executable, str(ROOT / "examples" / script), *args]
    environment = os.environ | env
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return done.stdout


def test_otel_program_with_the_two_lines_of_the_banner(server: Appliance) -> None:
    endpoint = server.urls["otlp_http"]
    printed = run("python-otel/app.py", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint)
    spans = trace_spans(server, printed.split()[1])
    assert [span["name"] for span in spans] == ["place order"]
    assert query(server, "example_orders_total")[0]["value"][1] == "1"


def test_log_push(server: Appliance) -> None:
    assert run("loki-push/push.py", server.urls["loki"], "pushed text") == "204\n"
    assert [line for _, line in log_lines(server, '{app="example"}')] == ["pushed text"]


def test_shipped_settings_are_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "appliance.yml"
    file.write_text((ROOT / "data" / "demo" / "appliance.yml").read_text())
    given, problems = load(file, flags={}, environ={}, directory=tmp_path)
    default, _ = load(None, flags={}, environ={}, directory=tmp_path / "elsewhere")
    assert not has_errors(problems)
    assert (given.listen, given.limits, given.retention) == (
        default.listen,
        default.limits,
        default.retention,
    )
