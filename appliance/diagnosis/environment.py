"""Slips in `.env` and Compose files: addresses that SDKs misunderstand, ports left closed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from appliance.config.document import compose, position
from appliance.config.problem import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A base address that already has the path of one signal.
OTLP_BASE = re.compile(
    r"(OTEL_EXPORTER_OTLP_ENDPOINT[\"']?\s*[=:]\s*[\"']?\w+://[^\s\"'/]+(?:/[^\s\"']*?)?)"
    r"(/v1/(traces|metrics|logs)/?)(?=[\s\"']|$)"
)
_ZIPKIN = re.compile(r"COLLECTOR_ZIPKIN_(?:HOST_PORT|HTTP_PORT)\s*[=:]\s*[\"']?:?(\d+)")


def lint_environment(text: str, file: str) -> list[Problem]:
    """Warnings about lines such as `export OTEL_EXPORTER_OTLP_ENDPOINT=…`."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        match = None if line.lstrip().startswith("#") else OTLP_BASE.search(line)
        if match:
            path, signal = match[2], match[3]
            message = (
                f"SDKs add /v1/{signal} to this address, so that it ends in {path}/v1/{signal}"
            )
            hint = f"leave {path} out, or set OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT instead"
            column = match.start(2) + 1
            found.append(
                Problem(file, number, column, "", message, "otlp-path", Severity.WARNING, hint)
            )
    return found


def lint_compose(data: bytes, file: str) -> list[Problem]:
    """The same, and receivers that are opened but not published."""
    root, problems = compose(data, file)
    if problems:
        return problems
    text = data.decode("utf-8", "replace")
    found = lint_environment(text, file)
    for name, service in _items(_get(root, "services") or root):
        published = _texts(_get(service, "ports"))
        for node in _scalars(_get(service, "environment")):
            match = _ZIPKIN.search(str(node.value))
            if match and not any(re.search(rf"\b{match[1]}\b", port) for port in published):
                message = f"{name} takes Zipkin's spans on port {match[1]}, which is not published"
                hint = f'add "{match[1]}:{match[1]}" to its ports'
                place = position(node)
                found.append(Problem(*place, "", message, "not-published", Severity.WARNING, hint))
    return found


def _get(node: yaml.Node | None, name: str) -> yaml.Node | None:
    return next((value for key, value in _items(node) if key == name), None)


def _items(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        yield str(key.value), value


def _scalars(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """Values of a list, or `KEY=value` of a mapping."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            text = f"{key.value}={value.value}"
            yield yaml.ScalarNode(value.tag, text, value.start_mark, value.end_mark)
    elif isinstance(node, yaml.SequenceNode):
        yield from (item for item in node.value if isinstance(item, yaml.ScalarNode))


def _texts(node: yaml.Node | None) -> list[str]:
    if not isinstance(node, yaml.SequenceNode):
        return []
    return [str(item.value) for item in node.value]
