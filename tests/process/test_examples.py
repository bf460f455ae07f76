"""The examples run as they are."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
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


def test_logs_from_a_file_and_over_otlp_are_found_by_the_same_query(tmp_path: Path) -> None:
    config = str(shutil.copy(ROOT / "examples/python-logging/promtail-config.yml", tmp_path))
    args, env = ["--promtail-config", config], {"SHOP_LOGS": str(tmp_path)}
    with Appliance(only=["loki", "otlp_http"], args=args, env=env) as server:
        endpoint = server.urls["otlp_http"]
        run(
            "python-logging/app.py",
            str(tmp_path / "shop.log"),
            OTEL_EXPORTER_OTLP_ENDPOINT=endpoint,
        )
        asked = '{service_name="shop"} %s'
        deadline = time.monotonic() + 10
        while len(log_lines(server, asked % "")) < 6 and time.monotonic() < deadline:
            time.sleep(0.05)
        for wanted, expected in {
            '| action="ITEM_PUBLISHED" | duration_ms > 20': ["action_completed"],
            '| detected_level="error"': ["payment failed"],
            "| status_code < 400": ["http_request_completed"],
            '|~ "^action_"': ["action_completed"],
        }.items():
            for via in ("file", "otlp"):
                query_text = asked % f'{wanted} | via="{via}"'
                assert [line for _, line in log_lines(server, query_text)] == expected
        first, *_, last = log_lines(server, asked % "")
        assert last[0] - first[0] < 10**9


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
