"""Ports that are opened and not published."""

from __future__ import annotations

import pytest

from appliance.diagnosis.environment import lint_compose

SERVICE = "services:\n  jaeger:\n    environment: {}\n    ports: {}\n"


@pytest.mark.parametrize(
    ("environment", "ports", "expected"),
    [
        ("['COLLECTOR_ZIPKIN_HOST_PORT=:9411']", "['16686:16686']", 1),
        ("{COLLECTOR_ZIPKIN_HOST_PORT: ':9411'}", "['16686:16686']", 1),
        ("['COLLECTOR_ZIPKIN_HOST_PORT=:9411']", "['9411:9411']", 0),
        ("['COLLECTOR_ZIPKIN_HOST_PORT=:9411']", "['127.0.0.1:9411:9411/tcp']", 0),
        ("['OTHER=:9411']", "[]", 0),
    ],
)
def test_a_receiver_behind_a_closed_port(environment: str, ports: str, expected: int) -> None:
    problems = lint_compose(SERVICE.format(environment, ports).encode(), "c.yml")
    assert [(problem.line, problem.code) for problem in problems] == [
        (3, "not-published")
    ] * expected


def test_addresses_in_compose_files_are_judged_too() -> None:
    text = "services: {a: {environment: [OTEL_EXPORTER_OTLP_ENDPOINT=http://h/v1/traces ]}}"
    assert [problem.code for problem in lint_compose(text.encode(), "c.yml")] == ["otlp-path"]
    assert [problem.code for problem in lint_compose(b"a: [", "c.yml")] == ["yaml-syntax"]
