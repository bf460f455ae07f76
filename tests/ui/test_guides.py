from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from appliance.ui.guides import demo_command, first_steps, guides
from appliance.ui.overview import Endpoints
from tests.ui.memory import URLS

ALL = Endpoints(URLS)


def test_every_guide_has_its_own_anchor_and_something_to_copy() -> None:
    found = guides(ALL)
    ids = [guide.id for guide in found]
    assert len(set(ids)) == len(ids)
    assert {"python", "node", "go", "java", "curl", "docker", "promtail", "prometheus"} < set(ids)
    assert all(guide.blocks and guide.signals for guide in found)


def test_commands_hold_the_addresses_of_this_process() -> None:
    urls = {name: url.replace(":", ":1", 2)[:-1] for name, url in URLS.items()}
    urls = {"otlp_http": "http://h:1", "loki": "http://h:2", "otlp_grpc": "h:3"}
    text = "\n".join(block.text for guide in guides(Endpoints(urls)) for block in guide.blocks)
    assert "OTEL_EXPORTER_OTLP_ENDPOINT=http://h:1\n" in text
    assert "http://h:2/loki/api/v1/push" in text
    assert "OTEL_EXPORTER_OTLP_ENDPOINT=http://h:3\n" in text
    assert "host.docker.internal:1 " in text
    assert "4318" not in text


def text_of(at: Endpoints) -> str:
    return "\n".join(block.text for guide in guides(at) for block in guide.blocks)


def test_the_token_is_named_where_writing_needs_it() -> None:
    urls = URLS | {"pushgateway": "http://127.0.0.1:9091"}
    assert "TOKEN" not in text_of(Endpoints(urls, remote_write="/api/v1/write"))
    at = Endpoints(urls, remote_write="/api/v1/write", needs_token=True)
    senders = {"opentelemetry", "python", "node", "java", "curl", "docker", "pushgateway", "k6"}
    for guide in guides(at):
        named = [block for block in guide.blocks if "$APPLIANCE_TOKEN" in block.text]
        assert named or guide.id not in senders, guide.id
    assert '-H "Authorization: Bearer $APPLIANCE_TOKEN"' in text_of(at)


def test_guides_of_closed_listeners_are_left_out() -> None:
    at = Endpoints({"ui": "http://127.0.0.1:3000"})
    found = {guide.id for guide in guides(at)}
    assert not found & {"promtail", "pino", "pushgateway", "k6", "zipkin"}
    assert "/v1/logs" in first_steps(at)[1].block.text


def test_remote_write_is_shown_once_it_is_served() -> None:
    assert "remote_write" not in text_of(ALL)
    assert f"{ALL.prometheus}/api/v1/write" in text_of(
        Endpoints(URLS, remote_write="/api/v1/write"),
    )


@pytest.mark.skipif(shutil.which("sh") is None, reason="needs a shell")
@pytest.mark.parametrize("title", ["a line", "a span", "a value"])
def test_curl_commands_post_valid_json(title: str) -> None:
    curl = next(guide for guide in guides(ALL) if guide.id == "curl")
    command = next(block.text for block in curl.blocks if block.title == title)
    script = 'curl() { for last; do :; done; printf %s "$last"; }\n' + command
    shown = subprocess.run(["sh", "-c", script], capture_output=True, check=True, text=True)
    body = json.loads(shown.stdout)
    assert re.search(r'"\d{19}"', json.dumps(body))
    if title == "a span":
        span = body["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
        assert re.fullmatch("[0-9a-f]{32}", span["traceId"])
        assert re.fullmatch("[0-9a-f]{16}", span["spanId"])


def test_the_demo_is_told_only_what_differs() -> None:
    usual = {"loki": "http://127.0.0.1:3100", "alertmanager": "http://127.0.0.1:9093"}
    assert demo_command(Endpoints(URLS | usual)) == "appliance demo"
    at = Endpoints({"otlp_http": "http://127.0.0.1:5", **usual})
    assert demo_command(at) == "appliance demo --otlp http://127.0.0.1:5"
    pages_only = Endpoints({"ui": "http://127.0.0.1:3000"})
    pages = "http://127.0.0.1:3000"
    assert demo_command(pages_only).endswith(f"--loki {pages} --alertmanager {pages}")


def test_checklist_has_one_step_per_signal() -> None:
    steps = first_steps(ALL)
    assert [step.signal for step in steps] == ["metrics", "logs", "traces"]
    assert "OTEL_EXPORTER_OTLP_PROTOCOL" in steps[2].block.text
