"""How to send data here: commands and settings with this process's own addresses in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.ui.overview import Endpoints


@dataclass(frozen=True, slots=True)
class Block:
    """Something to copy: a command line or a file, named by its title."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Guide:
    """How one language or tool is connected.

    Attributes:
        id: Anchor on the page.
        signals: What it sends, of `metrics`, `logs` and `traces`.
    """

    id: str
    title: str
    text: str
    signals: tuple[str, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the first-run checklist: done once the signal has come in."""

    signal: str
    title: str
    text: str
    block: Block


def guides(at: Endpoints) -> list[Guide]:
    """Every guide that the open listeners allow, in the order they are shown."""
    makers: tuple[Callable[[Endpoints], Guide | None], ...] = (
        _opentelemetry,
        _python,
        _node,
        _go,
        _java,
        _curl,
        _docker,
        _promtail,
        _prometheus,
    )
    return [guide for make in makers if (guide := make(at)) is not None]


def as_json(guide: Guide) -> dict[str, Any]:
    """A guide as a value for a JSON encoder."""
    blocks = [{"title": block.title, "text": block.text} for block in guide.blocks]
    return {
        "id": guide.id,
        "title": guide.title,
        "text": guide.text,
        "signals": list(guide.signals),
        "blocks": blocks,
    }


def first_steps(at: Endpoints) -> list[Step]:
    """The checklist of a new installation, one step per signal."""
    metrics = Step(
        "metrics",
        "Metrics",
        "Appliance measures itself; add your own targets with the prometheus.yml you have.",
        Block("shell", "appliance up --prometheus-config prometheus.yml"),
    )
    traces = Step(
        "traces",
        "Traces",
        "Any OpenTelemetry SDK or agent sends here once these are set.",
        Block("shell", environment(at)),
    )
    logs = Step(
        "logs",
        "Logs",
        "OpenTelemetry, promtail, or a plain HTTP request.",
        Block("shell", _push_line(at)),
    )
    return [metrics, logs, traces]


def environment(at: Endpoints, service: str = "my-service") -> str:
    """The variables by which every OpenTelemetry SDK finds its way here."""
    return _lines(
        f"export OTEL_EXPORTER_OTLP_ENDPOINT={at.otlp_http}",
        "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        f"export OTEL_SERVICE_NAME={service}",
    )


def demo_command(at: Endpoints) -> str:
    """The command that sends sample data, with whatever differs from its defaults."""
    command = "appliance demo"
    if at.otlp_http != "http://127.0.0.1:4318":
        command += f" --otlp {at.otlp_http}"
    if (at.loki or at.ui) != "http://127.0.0.1:3100":
        command += f" --loki {at.loki or at.ui}"
    return command


_ALL = ("metrics", "logs", "traces")


def _opentelemetry(at: Endpoints) -> Guide:
    blocks = [Block("HTTP", environment(at))]
    if at.otlp_grpc:
        text = _lines(
            f"export OTEL_EXPORTER_OTLP_ENDPOINT=http://{at.otlp_grpc}",
            "export OTEL_EXPORTER_OTLP_PROTOCOL=grpc",
            "export OTEL_SERVICE_NAME=my-service",
        )
        blocks.append(Block("or gRPC", text))
    text = "Every SDK, agent and collector of OpenTelemetry reads these variables."
    return Guide("opentelemetry", "OpenTelemetry", text, _ALL, tuple(blocks))


def _python(at: Endpoints) -> Guide:
    install = _lines(
        "pip install opentelemetry-distro opentelemetry-exporter-otlp",
        "opentelemetry-bootstrap -a install",
    )
    run = _lines(
        environment(at),
        "export OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED=true",
        "opentelemetry-instrument python app.py",
    )
    text = "Instruments Flask, Django, FastAPI, requests, SQL drivers and logging without a change."
    return Guide("python", "Python", text, _ALL, (Block("install", install), Block("run", run)))


def _node(at: Endpoints) -> Guide:
    install = "npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node"
    run = _lines(
        environment(at),
        "export OTEL_LOGS_EXPORTER=otlp OTEL_METRICS_EXPORTER=otlp",
        "node --require @opentelemetry/auto-instrumentations-node/register app.js",
    )
    text = "Instruments HTTP, Express, Fastify, database clients, Pino and Winston."
    return Guide("node", "Node.js", text, _ALL, (Block("install", install), Block("run", run)))


def _go(at: Endpoints) -> Guide:
    packages = " \\\n       ".join(
        "go.opentelemetry.io/" + name
        for name in (
            "otel/sdk",
            "otel/exporters/otlp/otlptrace/otlptracehttp",
            "contrib/instrumentation/net/http/otelhttp",
        )
    )
    code = _lines(
        "exporter, err := otlptracehttp.New(ctx) // reads OTEL_EXPORTER_OTLP_ENDPOINT",
        "if err != nil {",
        "\tlog.Fatal(err)",
        "}",
        "provider := trace.NewTracerProvider(trace.WithBatcher(exporter))",
        "defer provider.Shutdown(ctx)",
        "otel.SetTracerProvider(provider)",
        'handler := otelhttp.NewHandler(mux, "server")',
    )
    blocks = (
        Block("install", f"go get {packages}"),
        Block("main.go", code),
        Block("run", f"{environment(at)}\ngo run ."),
    )
    text = "Go has no agent: set the provider once and wrap the handler."
    return Guide("go", "Go", text, ("traces",), blocks)


def _java(at: Endpoints) -> Guide:
    run = f"{environment(at)}\njava -javaagent:opentelemetry-javaagent.jar -jar app.jar"
    text = "The OpenTelemetry Java agent instruments the application as it starts."
    return Guide("java", "Java", text, _ALL, (Block("run", run),))


def _curl(at: Endpoints) -> Guide:
    span = _post(
        at.otlp_http + "/v1/traces",
        '{"resourceSpans":[{',
        ' "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shell"}}]},',
        ' "scopeSpans":[{"spans":[{"name":"hello","kind":1,',
        '  "traceId":"HEX16",',
        '  "spanId":"HEX8",',
        '  "startTimeUnixNano":"NOW000000000","endTimeUnixNano":"NOW250000000"}]}]}]}',
    )
    value = _post(
        at.otlp_http + "/v1/metrics",
        '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"hello_value",',
        ' "gauge":{"dataPoints":[{"asDouble":42,"timeUnixNano":"NOW000000000"}]}}]}]}]}',
    )
    blocks = (Block("a line", _push_line(at)), Block("a span", span), Block("a value", value))
    return Guide("curl", "curl", "One item at a time, from a shell or a script.", _ALL, blocks)


def _push_line(at: Endpoints) -> str:
    """A command that logs one line."""
    if at.loki:
        return _post(
            at.loki + "/loki/api/v1/push",
            '{"streams":[{"stream":{"service_name":"shell"},',
            ' "values":[["NOW000000000","hello from the shell"]]}]}',
        )
    return _post(
        at.otlp_http + "/v1/logs",
        '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{',
        ' "timeUnixNano":"NOW000000000","body":{"stringValue":"hello from the shell"}}]}]}]}',
    )


def _post(url: str, *body: str) -> str:
    """A curl command that posts JSON.

    In the body NOW stands for the present in seconds, HEX8 and HEX16 for that many random bytes.
    """
    text = _lines(*body).replace("NOW", "'$(date +%s)'")
    for count in (8, 16):
        random = f"'$(od -An -N{count} -tx1 /dev/urandom | tr -d ' \\n')'"
        text = text.replace(f'"HEX{count}"', f'"{random}"')
    return f"curl -sS {url} -H 'Content-Type: application/json' -d '\n{text}'"


def _lines(*lines: str) -> str:
    return "\n".join(lines)


def _docker(at: Endpoints) -> Guide:
    port = at.otlp_http.rpartition(":")[2]
    run = " \\\n  ".join(
        (
            "docker run --add-host host.docker.internal:host-gateway",
            f"-e OTEL_EXPORTER_OTLP_ENDPOINT=http://host.docker.internal:{port}",
            "-e OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            "-e OTEL_SERVICE_NAME=my-service my-image",
        )
    )
    listen = "appliance up --host 0.0.0.0 --insecure-no-auth"
    text = "Containers reach the host by name; Appliance must then listen beyond loopback."
    blocks = (Block("server", listen), Block("container", run))
    return Guide("docker", "Docker", text, _ALL, blocks)


def _promtail(at: Endpoints) -> Guide | None:
    if not at.loki:
        return None
    lines = (
        "clients:",
        f"  - url: {at.loki}/loki/api/v1/push",
        "scrape_configs:",
        "  - job_name: files",
        "    static_configs:",
        "      - targets: [localhost]",
        "        labels: {job: files, __path__: /var/log/*.log}",
    )
    text = "promtail, Grafana Alloy, Vector, Fluent Bit and Docker's Loki driver push the same way."
    block = Block("promtail.yml", "\n".join(lines))
    return Guide("promtail", "promtail", text, ("logs",), (block,))


def _prometheus(at: Endpoints) -> Guide:
    lines = (
        "scrape_configs:",
        "  - job_name: my-service",
        "    static_configs:",
        "      - targets: [127.0.0.1:8000]",
    )
    blocks = [
        Block("prometheus.yml", "\n".join(lines)),
        Block("server", "appliance up --prometheus-config prometheus.yml"),
    ]
    if at.remote_write and at.prometheus:
        write = f"remote_write:\n  - url: {at.prometheus}{at.remote_write}"
        blocks.append(Block("in another Prometheus", write))
    text = "Appliance scrapes the targets of an unmodified prometheus.yml."
    return Guide("prometheus", "Prometheus", text, ("metrics",), tuple(blocks))
