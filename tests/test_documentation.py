"""Documentation is complete and true: what exists is described, what is described exists."""

from __future__ import annotations

import dataclasses
import gzip
import json
import re
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from appliance.api.listeners import LISTENERS, Transport
from appliance.api.old_links import LINKS
from appliance.api.otlp_grpc import _SERVICES
from appliance.applications import Applications
from appliance.cli import _COMMANDS
from appliance.commands.up import up
from appliance.settings.limits import Limits
from appliance.settings.listen import Address
from appliance.settings.root import Settings
from appliance.testing import Appliance
from tests.api.serving import http_deps
from tests.faults.senders import JSON, PROTOBUF, log_body, metric_body, span_body
from tests.reading import call

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md"), ROOT / "examples" / "README.md"])


def settings_of(section: Any, prefix: str = "") -> Iterator[str]:
    for field in dataclasses.fields(section):
        value = getattr(section, field.name)
        options = field.metadata.get("options")
        if options is not None and options.hidden:
            continue
        if dataclasses.is_dataclass(value) and not isinstance(value, Address):
            yield from settings_of(value, f"{prefix}{field.name}.")
        else:
            yield prefix + field.name


def rows_of(page: str, first: str) -> dict[str, list[str]]:
    """Cells of the table rows whose first cell is `code` that matches; by that code."""
    found = {}
    for line in page.splitlines():
        match = re.match(rf"\| `({first})` \|", line)
        if match:
            found[match[1]] = [cell.strip() for cell in line.strip("|").split(" | ")]
    return found


def test_every_setting_is_documented() -> None:
    text = (REFERENCE / "settings.md").read_text()
    assert [name for name in settings_of(Settings()) if f"`{name}`" not in text] == []


def test_every_command_and_option_of_up_is_documented() -> None:
    text = (REFERENCE / "cli.md").read_text()
    assert [name for name in _COMMANDS if f"`appliance {name}" not in text] == []
    options = [option for parameter in up.params for option in parameter.opts]
    assert [option for option in options if option not in text] == []


def test_every_limit_is_documented() -> None:
    described = rows_of((REFERENCE / "limits.md").read_text(), r"limits\.[a-z_.]+")
    assert sorted(described) == sorted(settings_of(Limits(), "limits."))


# -- endpoints


def applications() -> Applications:
    given: dict[str, Any] = {field.name: Mock() for field in dataclasses.fields(Applications)}
    return Applications(**given | {"common": http_deps()})


def routes_of(listener: str) -> dict[str, set[str]]:
    """Methods by path; HEAD goes with GET and is left out."""
    found: dict[str, set[str]] = {}
    for route in applications().make(listener, is_open=True).router.routes():
        assert route.resource is not None
        found.setdefault(route.resource.canonical, set()).add(route.method)
    return {path: methods - {"HEAD"} for path, methods in found.items()}


def documented_routes() -> dict[str, dict[str, set[str]]]:
    """Methods by path, by section of the page."""
    found = {}
    for section in re.split(r"^## ", (REFERENCE / "endpoints.md").read_text(), flags=re.MULTILINE)[
        1:
    ]:
        title, _, rest = section.partition("\n")
        rows = rows_of(rest, "/[^`]*")
        found[title] = {path: set(cells[1].split(", ")) for path, cells in rows.items()}
    return found


HTTP = [row.name for row in LISTENERS if row.transport is Transport.HTTP]


def is_twin(path: str, served: Mapping[str, object]) -> bool:
    """Whether a path is a page's JSON form; that all pages have one is said once."""
    base = path.removesuffix(".json")
    return base != path and (base or "/") in served


@pytest.mark.parametrize("listener", HTTP)
def test_every_path_of_a_listener_is_documented(listener: str) -> None:
    sections = documented_routes()
    expected = sections["every HTTP listener"] | sections.get(listener, {})
    served = routes_of(listener)
    served = {path: served[path] for path in served if path not in LINKS.get(listener, {})}
    if listener == "ui":  # has the other contracts' paths too, which have their own sections
        others = ("prometheus", "alertmanager", "loki", "tempo", "jaeger", "otlp_http")
        found = {path: sections[name][path] for name in others for path in sections[name]}
        elsewhere = {path: found[path] for path in found if path not in sections["ui"]}
        served = {path: served[path] for path in served if not is_twin(path, served)}
        assert [path for path in served if path not in expected | elsewhere] == []
        served = {path: methods for path, methods in served.items() if path not in elsewhere}
    assert served == expected


def test_addresses_of_the_originals_pages_are_documented() -> None:
    text = (REFERENCE / "endpoints.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| `([^`]+)` \| `([^`]+)` \|$", text, re.MULTILINE)
    links = [
        (listener, old, new)
        for listener, found in LINKS.items()
        for old, new in found.items()
        if not old.startswith("/classic/")
    ]
    assert rows == links


def test_every_method_of_grpc_is_documented() -> None:
    text = (REFERENCE / "endpoints.md").read_text()
    assert [name for name in _SERVICES.values() if f"`{name}/Export`" not in text] == []


# -- against a real server


@pytest.fixture(scope="module")
def server() -> Iterator[Appliance]:
    """A server with the demo's history."""
    with Appliance() as started:
        command = [sys.executable, "-m", "appliance", "demo", "--once", "--backfill", "2"]
        places = ["--otlp", started.urls["otlp_http"], "--loki", started.urls["loki"]]
        subprocess.run([*command, *places], check=True, capture_output=True)
        yield started


def exposed(text: str) -> dict[str, tuple[str, set[str]]]:
    """Kind and labels of each own metric; without `le` and the `_created` series."""
    types = dict(re.findall(r"^# TYPE (appliance_\w+) (\w+)$", text, re.MULTILINE))
    found = {}
    for name, kind in types.items():
        if not name.endswith("_created"):
            sample = re.search(rf"^{name}(?:_count)?(?:{{(.*)}})? ", text, re.MULTILINE)
            labels = re.findall(r'(\w+)="', sample[1] or "") if sample else []
            found[name] = (kind, set(labels))
    return found


def test_every_own_metric_is_documented(server: Appliance) -> None:
    otlp = server.urls["otlp_http"]
    assert call(server.urls["loki"] + "/loki/api/v1/push", log_body(1), headers=JSON)[0] == 204
    assert call(otlp + "/v1/metrics", metric_body(1), headers=PROTOBUF)[0] == 200
    assert call(otlp + "/v1/traces/v1/traces", span_body(1), headers=PROTOBUF)[0] == 200
    status, body = call(server.urls["ui"] + "/metrics")
    assert status == 200
    rows = rows_of((REFERENCE / "metrics.md").read_text(), "appliance_[a-z_]+")
    documented = {
        name: (cells[1], set(re.findall(r"`(\w+)`", cells[2]))) for name, cells in rows.items()
    }
    never = {
        "appliance_supervisor_restarts_total",
        "appliance_scrape_scrapes_total",
        "appliance_ingest_label_demotions_total",
        "appliance_span_metrics_left_out_total",
        "appliance_heartbeat_last_seen_timestamp_seconds",
        "appliance_heartbeat_missing",
        "appliance_heartbeat_pings_total",
        "appliance_oncall_calendar_failures_total",
        "appliance_oncall_late_acks_total",
        "appliance_oncall_pages_total",
        "appliance_oncall_time_to_ack_seconds",
        "appliance_oncall_unmanned_steps_total",
    }
    unused = {"appliance_tail_failures_total"}  # made when something is tailed
    actual = exposed(body.decode())
    assert sorted(actual.keys() | unused) == sorted(documented)
    for name in actual.keys() - never:  # these may have no series yet
        assert actual[name] == documented[name], name


# -- limits, each exceeded once

LIMITS = {
    "limits.body_bytes": 4000,
    "limits.decompressed_bytes": 5000,
    "limits.header_bytes": 1000,
    "limits.concurrent_requests": 1,
    "limits.labels_per_series": 5,
    "limits.label_name_bytes": 20,
    "limits.label_value_bytes": 30,
    "limits.line_bytes": 100,
    "limits.logs.labels_per_stream": 5,
    "limits.logs.label_name_bytes": 20,
    "limits.logs.label_value_bytes": 30,
    "limits.logs.max_age": "1d",
    "limits.logs.max_ahead": "1m",
    "limits.logs.metadata_bytes": 100,
    "limits.logs.metadata_count": 4,
    "limits.series_per_tenant": 1,
    "limits.streams_per_tenant": 1,
    "limits.query.max_samples": 1,
    "limits.query.max_bytes": 10,
}


@pytest.fixture(scope="module")
def narrow() -> Iterator[Appliance]:
    """A server with low limits and a little data."""
    pairs = [item for pair in LIMITS.items() for item in ("--set", f"{pair[0]}={pair[1]}")]
    with Appliance(args=pairs, only=["loki", "prometheus", "otlp_http"]) as started:
        assert push(started, {"app": "a"}, "a line of text")[0] == 204
        assert send_values(started, "m", count=2)[0] == 200
        yield started


def push(
    server: Appliance,
    labels: dict[str, str],
    line: str = "x",
    *,
    metadata: dict[str, str] | None = None,
    age_seconds: int = 0,
) -> tuple[int, bytes]:
    at = str(time.time_ns() - age_seconds * 10**9)
    stream = {"stream": labels, "values": [[at, line, metadata or {}]]}
    body = json.dumps({"streams": [stream]}).encode()
    return call(server.urls["loki"] + "/loki/api/v1/push", body, headers=JSON)


def send_values(
    server: Appliance, name: str, *, count: int, labels: dict[str, str] | None = None
) -> tuple[int, bytes]:
    now = time.time_ns()
    attributes = [{"key": k, "value": {"stringValue": v}} for k, v in (labels or {}).items()]
    points = [
        {"asInt": 1, "timeUnixNano": str(now - n * 10**9), "attributes": attributes}
        for n in range(count)
    ]
    metric = {"name": name, "gauge": {"dataPoints": points}}
    body = json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}).encode()
    return call(server.urls["otlp_http"] + "/v1/metrics", body, headers=JSON)


def send_compressed(server: Appliance) -> tuple[int, bytes]:
    headers = JSON | {"Content-Encoding": "gzip"}
    body = gzip.compress(b" " * 9000)
    return call(server.urls["otlp_http"] + "/v1/logs", body, headers=headers)


def ask_while_busy(server: Appliance) -> tuple[int, bytes]:
    """A request while another one is being served: its body is still to come."""
    address = urllib.parse.urlsplit(server.urls["loki"])
    with socket.create_connection((str(address.hostname), address.port or 0)) as busy:
        head = "POST /loki/api/v1/push HTTP/1.1", "Host: x", "Content-Length: 9"
        busy.sendall("\r\n".join([*head, "Expect: 100-continue", "", ""]).encode())
        assert busy.recv(100).startswith(b"HTTP/1.1 100 ")
        return ask_logs(server)


def ask_logs(server: Appliance) -> tuple[int, bytes]:
    return call(server.urls["loki"] + "/loki/api/v1/query_range", query='{app="a"}')


def ask_metrics(server: Appliance, query: str, timeout: str = "1") -> tuple[int, bytes]:
    url = server.urls["prometheus"] + "/api/v1/query"
    return call(url, query=query, timeout=timeout)


EXCEEDED: dict[str, Callable[[Appliance], tuple[int, bytes]]] = {
    "limits.body_bytes": lambda server: push(server, {"app": "a"}, "x" * 5000),
    "limits.decompressed_bytes": send_compressed,
    "limits.header_bytes": lambda server: ask_metrics(server, "a" * 2000),
    "limits.concurrent_requests": ask_while_busy,
    "limits.labels_per_series": lambda server: send_values(
        server, "m", count=1, labels=dict.fromkeys("abcdef", "x")
    ),
    "limits.label_name_bytes": lambda server: send_values(
        server, "m", count=1, labels={"a" * 50: "x"}
    ),
    "limits.label_value_bytes": lambda server: send_values(
        server, "m", count=1, labels={"a": "x" * 50}
    ),
    "limits.line_bytes": lambda server: push(server, {"app": "a"}, "x" * 200),
    "limits.logs.labels_per_stream": lambda server: push(server, dict.fromkeys("abcdef", "x")),
    "limits.logs.label_name_bytes": lambda server: push(server, {"a" * 50: "x"}),
    "limits.logs.label_value_bytes": lambda server: push(server, {"app": "x" * 50}),
    "limits.logs.max_age": lambda server: push(server, {"app": "a"}, age_seconds=90_000),
    "limits.logs.max_ahead": lambda server: push(server, {"app": "a"}, age_seconds=-90),
    "limits.logs.metadata_bytes": lambda server: push(
        server, {"app": "a"}, metadata={"k": "v" * 100}
    ),
    "limits.logs.metadata_count": lambda server: push(
        server, {"app": "a"}, metadata=dict.fromkeys("abcde", "x")
    ),
    "limits.series_per_tenant": lambda server: send_values(server, "another", count=1),
    "limits.streams_per_tenant": lambda server: push(server, {"app": "another"}),
    "limits.query.timeout_seconds": lambda server: ask_metrics(server, "m", timeout="0.0001"),
    "limits.query.max_samples": lambda server: ask_metrics(server, "m[1m]"),
    "limits.query.max_bytes": ask_logs,
}


@pytest.mark.parametrize("limit", EXCEEDED)
def test_exceeded_limit_is_answered_as_documented(narrow: Appliance, limit: str) -> None:
    """The row has the status, and a text whose literal parts the answer has in their order."""
    answer = rows_of((REFERENCE / "limits.md").read_text(), r"limits\.[a-z_.]+")[limit][3]
    status, body = EXCEEDED[limit](narrow)
    assert str(status) in answer
    texts = re.findall(r"`([^`]+)`", answer)
    assert any(fits(text, body.decode()) for text in texts), (texts, body)


def fits(documented: str, actual: str) -> bool:
    """Whether an answer has the documented text; numbers and `…` stand for anything."""
    parts = (re.escape(part) for part in re.split(r"…|\d+", documented))
    return re.search(".*".join(parts), actual) is not None


# -- pages


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file.read_text()), target


def anchors(text: str) -> set[str]:
    """What headings are called in links."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text()
    pages = [str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")]
    assert [page for page in pages if page != "README.md" and f"({page})" not in index] == []


def requests_of_tutorials() -> list[str]:
    blocks = [
        block
        for page in sorted((DOCS / "tutorial").glob("*.md"))
        for block in re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    ]
    return [block.removeprefix("$ ") for block in blocks if block.startswith("$ curl ")]


def test_requests_of_the_tutorials_are_answered(server: Appliance) -> None:
    """In their order: what one sends another reads."""
    requests = requests_of_tutorials()
    assert len(requests) >= 6
    usual = {f"http://127.0.0.1:{row.port}": server.urls.get(row.name, "") for row in LISTENERS}
    for request in requests:
        command = re.sub(r"http://127\.0\.0\.1:\d+", lambda match: usual[match[0]], request)
        done = subprocess.run(
            ["bash", "-c", command.strip() + " -s -w '\n%{http_code}'"],
            capture_output=True,
            text=True,
            check=True,
        )
        body, _, status = done.stdout.rpartition("\n")
        assert status in {"200", "204"}, (request, done.stdout)
        assert '"result":[]' not in body, request
        assert '"data":[]' not in body, request
