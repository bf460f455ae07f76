"""The examples run as they are."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from appliance.config.problem import has_errors
from appliance.settings.root import load
from appliance.testing import Appliance
from tests.reading import call, log_lines, query, trace_spans

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


def test_a_request_through_two_services_under_automatic_instrumentation() -> None:
    with Appliance(only=["otlp_http", "tempo", "prometheus", "loki"]) as server:
        inventory, shop = free_port(), free_port()
        with (
            instrumented(server, "inventory", str(inventory)),
            instrumented(server, "shop", str(shop), f"http://127.0.0.1:{inventory}"),
        ):
            for port in (inventory, shop):
                wait_until(partial(answers, port))
            header = {"traceparent": f"00-{'4b' * 16}-{'0f' * 8}-01"}
            url = f"http://127.0.0.1:{shop}/checkout/lamp"
            assert call(url, headers=header) == (200, b"sold lamp\n")
        spans = {span["spanId"]: span for span in trace_spans(server, "4b" * 16)}
        kinds = [span["kind"].removeprefix("SPAN_KIND_") for span in spans.values()]
        assert sorted(kinds) == ["CLIENT", "SERVER", "SERVER"]
        depths = sorted(depth(span, spans) for span in spans.values())
        assert depths == [0, 1, 2]
        edge = 'traces_service_graph_request_total{client="shop", server="inventory"}'
        wait_until(lambda: query(server, edge))
        assert query(server, edge)[0]["value"][1] == "1"
        sold = f'{{service_name="shop"}} | trace_id="{"4b" * 16}"'
        assert "sold lamp, 2 left" in [line for _, line in log_lines(server, sold)]


@contextlib.contextmanager
def instrumented(server: Appliance, *args: str) -> Iterator[None]:
    """A service of the tracing example; at the end of the context it sends what it has left."""
    command = [str(Path(sys.executable).with_name("opentelemetry-instrument")), sys.executable]
    environment = os.environ | {
        "OTEL_SERVICE_NAME": args[0],
        "OTEL_EXPORTER_OTLP_ENDPOINT": server.urls["otlp_http"],
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED": "true",
    }
    command += [str(ROOT / "examples/python-tracing/app.py"), *args]
    with subprocess.Popen(command, env=environment) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)


def depth(span: dict[str, Any], spans: dict[str, dict[str, Any]]) -> int:
    """How many spans of the trace are above this one."""
    parent = spans.get(span["parentSpanId"])
    return 0 if parent is None else 1 + depth(parent, spans)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def wait_until(is_so: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


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
