"""How to send data here: commands and settings with this process's own addresses in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.ui.guide import ALL, Block, Guide, Step, as_json, environment, lines, otlp_token
from appliance.ui.tool_guides import TOOLS, push_line

__all__ = ["as_json", "demo_command", "environment", "first_steps", "guides"]

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.ui.overview import Endpoints


def guides(at: Endpoints) -> list[Guide]:
    """Every guide that the open listeners allow, in the order they are shown."""
    makers: tuple[Callable[[Endpoints], Guide | None], ...] = (
        _opentelemetry,
        _python,
        _node,
        _go,
        _java,
        _dotnet,
        *TOOLS,
    )
    return [guide for make in makers if (guide := make(at)) is not None]


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
        Block("shell", push_line(at)),
    )
    return [metrics, logs, traces]


def demo_command(at: Endpoints) -> str:
    """The command that sends sample data, with whatever differs from its defaults."""
    command = "appliance demo"
    if at.otlp_http != "http://127.0.0.1:4318":
        command += f" --otlp {at.otlp_http}"
    if (at.loki or at.ui) != "http://127.0.0.1:3100":
        command += f" --loki {at.loki or at.ui}"
    alerts = at.urls.get("alertmanager", "") or at.ui
    if alerts != "http://127.0.0.1:9093":
        command += f" --alertmanager {alerts}"
    return command


def _opentelemetry(at: Endpoints) -> Guide:
    blocks = [Block("HTTP", environment(at))]
    if at.otlp_grpc:
        text = lines(
            f"export OTEL_EXPORTER_OTLP_ENDPOINT=http://{at.otlp_grpc}",
            "export OTEL_EXPORTER_OTLP_PROTOCOL=grpc",
            *otlp_token(at),
            "export OTEL_SERVICE_NAME=my-service",
        )
        blocks.append(Block("or gRPC", text))
    text = "Every SDK, agent and collector of OpenTelemetry reads these variables."
    return Guide("opentelemetry", "OpenTelemetry", text, ALL, tuple(blocks))


def _python(at: Endpoints) -> Guide:
    install = lines(
        "pip install opentelemetry-distro opentelemetry-exporter-otlp",
        "opentelemetry-bootstrap -a install",
    )
    run = lines(
        environment(at),
        "export OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED=true",
        "opentelemetry-instrument python app.py",
    )
    text = "Instruments Flask, Django, FastAPI, requests, SQL drivers and logging without a change."
    return Guide("python", "Python", text, ALL, (Block("install", install), Block("run", run)))


def _node(at: Endpoints) -> Guide:
    install = "npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node"
    run = lines(
        environment(at),
        "export OTEL_LOGS_EXPORTER=otlp OTEL_METRICS_EXPORTER=otlp",
        "node --require @opentelemetry/auto-instrumentations-node/register app.js",
    )
    text = "Instruments HTTP, Express, Fastify, database clients, Pino and Winston."
    return Guide("node", "Node.js", text, ALL, (Block("install", install), Block("run", run)))


def _go(at: Endpoints) -> Guide:
    packages = " \\\n       ".join(
        "go.opentelemetry.io/" + name
        for name in (
            "otel/sdk",
            "otel/exporters/otlp/otlptrace/otlptracehttp",
            "contrib/instrumentation/net/http/otelhttp",
        )
    )
    code = lines(
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
    return Guide("java", "Java", text, ALL, (Block("run", run),))


def _dotnet(at: Endpoints) -> Guide:
    install = lines(
        "curl -sSfL https://github.com/open-telemetry/opentelemetry-dotnet-instrumentation"
        "/releases/latest/download/otel-dotnet-auto-install.sh -O",
        "sh ./otel-dotnet-auto-install.sh",
    )
    run = lines(environment(at), ". $HOME/.otel-dotnet-auto/instrument.sh", "dotnet MyApp.dll")
    text = "Instruments ASP.NET Core, HttpClient, SQL clients and ILogger without a change."
    return Guide("dotnet", ".NET", text, ALL, (Block("install", install), Block("run", run)))
