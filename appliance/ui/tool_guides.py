"""How tools and programs that are no languages send data here; see `guides.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.ui.guide import ALL, TOKEN, Block, Guide, lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.ui.overview import Endpoints


def _curl(at: Endpoints) -> Guide:
    span = _post(
        at,
        at.otlp_http + "/v1/traces",
        '{"resourceSpans":[{',
        ' "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shell"}}]},',
        ' "scopeSpans":[{"spans":[{"name":"hello","kind":1,',
        '  "traceId":"HEX16",',
        '  "spanId":"HEX8",',
        '  "startTimeUnixNano":"NOW000000000","endTimeUnixNano":"NOW250000000"}]}]}]}',
    )
    value = _post(
        at,
        at.otlp_http + "/v1/metrics",
        '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"hello_value",',
        ' "gauge":{"dataPoints":[{"asDouble":42,"timeUnixNano":"NOW000000000"}]}}]}]}]}',
    )
    blocks = (Block("a line", push_line(at)), Block("a span", span), Block("a value", value))
    return Guide("curl", "curl", "One item at a time, from a shell or a script.", ALL, blocks)


def push_line(at: Endpoints) -> str:
    """A command that logs one line."""
    if at.loki:
        return _post(
            at,
            at.loki + "/loki/api/v1/push",
            '{"streams":[{"stream":{"service_name":"shell"},',
            ' "values":[["NOW000000000","hello from the shell"]]}]}',
        )
    return _post(
        at,
        at.otlp_http + "/v1/logs",
        '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{',
        ' "timeUnixNano":"NOW000000000","body":{"stringValue":"hello from the shell"}}]}]}]}',
    )


def _post(at: Endpoints, url: str, *body: str) -> str:
    """A curl command that posts JSON.

    In the body NOW stands for the present in seconds, HEX8 and HEX16 for that many random bytes.
    """
    text = lines(*body).replace("NOW", "'$(date +%s)'")
    for count in (8, 16):
        random = f"'$(od -An -N{count} -tx1 /dev/urandom | tr -d ' \\n')'"
        text = text.replace(f'"HEX{count}"', f'"{random}"')
    token = f' -H "Authorization: Bearer ${TOKEN}"' if at.needs_token else ""
    return f"curl -sS {url}{token} -H 'Content-Type: application/json' -d '\n{text}'"


def _docker(at: Endpoints) -> Guide:
    port = at.otlp_http.rpartition(":")[2]
    run = " \\\n  ".join(
        (
            "docker run --add-host host.docker.internal:host-gateway",
            f"-e OTEL_EXPORTER_OTLP_ENDPOINT=http://host.docker.internal:{port}",
            "-e OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            *(
                (f'-e OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20${TOKEN}"',)
                if at.needs_token
                else ()
            ),
            "-e OTEL_SERVICE_NAME=my-service my-image",
        )
    )
    listen = "appliance up --host 0.0.0.0 --insecure-no-auth"
    text = "Containers reach the host by name; Appliance must then listen beyond loopback."
    blocks = (Block("server", listen), Block("container", run))
    return Guide("docker", "Docker", text, ALL, blocks)


def _promtail(at: Endpoints) -> Guide | None:
    if not at.loki:
        return None
    token = (f"    bearer_token: ${{{TOKEN}}}",) if at.needs_token else ()
    file = (
        "clients:",
        f"  - url: {at.loki}/loki/api/v1/push",
        *token,
        "scrape_configs:",
        "  - job_name: files",
        "    static_configs:",
        "      - targets: [localhost]",
        "        labels: {job: files, __path__: /var/log/*.log}",
    )
    text = "promtail, Grafana Alloy, Vector, Fluent Bit and Docker's Loki driver push the same way."
    block = Block("promtail.yml", lines(*file))
    return Guide("promtail", "promtail", text, ("logs",), (block,))


def _prometheus(at: Endpoints) -> Guide:
    file = (
        "scrape_configs:",
        "  - job_name: my-service",
        "    static_configs:",
        "      - targets: [127.0.0.1:8000]",
    )
    blocks = [
        Block("prometheus.yml", lines(*file)),
        Block("server", "appliance up --prometheus-config prometheus.yml"),
    ]
    if at.remote_write and at.prometheus:
        write = f"remote_write:\n  - url: {at.prometheus}{at.remote_write}"
        blocks.append(Block("in another Prometheus", write))
    text = "Appliance scrapes the targets of an unmodified prometheus.yml."
    return Guide("prometheus", "Prometheus", text, ("metrics",), tuple(blocks))


def _loggers(at: Endpoints) -> Guide | None:
    if not at.loki:
        return None
    pino = lines(
        "const logger = pino(pino.transport({",
        '  target: "pino-loki",',
        f'  options: {{ host: "{at.loki}", labels: {{ service_name: "my-service" }} }},',
        "}));",
    )
    winston = lines(
        "logger.add(new LokiTransport({",
        f'  host: "{at.loki}",',
        '  labels: { service_name: "my-service" },',
        "}));",
    )
    text = "Without OpenTelemetry: each line goes to Loki's API. Levels of Pino get their names."
    blocks = (Block("npm install pino-loki", pino), Block("npm install winston-loki", winston))
    return Guide("pino", "Pino, Winston", text, ("logs",), blocks)


def _pushgateway(at: Endpoints) -> Guide | None:
    url = at.urls.get("pushgateway", "")
    if not url:
        return None
    token = f' -H "Authorization: Bearer ${TOKEN}"' if at.needs_token else ""
    push = f"echo 'rows_copied 42' | curl -sS{token} --data-binary @- {url}/metrics/job/backup"
    text = "For jobs that end before anybody scrapes them. Groups stay until you delete them."
    return Guide("pushgateway", "Pushgateway", text, ("metrics",), (Block("shell", push),))


def _k6(at: Endpoints) -> Guide | None:
    if not (at.remote_write and at.prometheus):
        return None
    token = (f"export K6_PROMETHEUS_RW_BEARER_TOKEN=${TOKEN}",) if at.needs_token else ()
    run = lines(
        f"export K6_PROMETHEUS_RW_SERVER_URL={at.prometheus}{at.remote_write}",
        "export K6_PROMETHEUS_RW_TREND_AS_NATIVE_HISTOGRAM=true",
        *token,
        "k6 run -o experimental-prometheus-rw script.js",
    )
    text = "Results of a load test beside what the server says of itself."
    return Guide("k6", "k6", text, ("metrics",), (Block("run", run),))


def _older_tracers(at: Endpoints) -> Guide | None:
    zipkin, jaeger = (at.urls.get(name, "") for name in ("zipkin", "jaeger_thrift_http"))
    blocks = []
    if zipkin:
        text = f"management.zipkin.tracing.endpoint={zipkin}/api/v2/spans"
        blocks.append(Block("application.properties of Spring Boot", text))
    if jaeger:
        text = f"export JAEGER_ENDPOINT={jaeger}/api/traces"
        blocks.append(Block("clients of Jaeger", text))
    if not blocks:
        return None
    about = "Clients and agents of both send as they did; their usual ports are open."
    return Guide("zipkin", "Zipkin, Jaeger", about, ("traces",), tuple(blocks))


#: In the order they are shown; None where a listener that it needs is closed.
TOOLS: tuple[Callable[[Endpoints], Guide | None], ...] = (
    _curl,
    _docker,
    _promtail,
    _loggers,
    _prometheus,
    _pushgateway,
    _k6,
    _older_tracers,
)
