"""Clocks of hosts that differ: a child that does not fit into its parent is moved into it.

As Jaeger does it (adjuster/clockskew.go): only between hosts, each span after its parent, and the
same for all spans below it on the same host. How much may be moved is bounded; beyond the bound
(in Jaeger by default: always) the span only gets a warning.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from appliance.base.go_quantity import print_go_duration
from appliance.wire.jaeger.mapping import add_warning
from appliance.wire.otlp.values import to_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HOST_KEYS = ("host.id", "host.ip", "host.name")
_MAX_UINT64 = 2**64 - 1


@dataclass(slots=True, eq=False)
class _Node:
    span: Any
    host: str
    children: list[_Node] = field(default_factory=list)


def correct_clock_skew(groups: Sequence[Any], max_skew_ns: int) -> None:
    """Adjust one trace; see `adjust.adjust`."""
    for root in _roots(_nodes(groups)):
        waiting: list[tuple[_Node, _Node | None, int, str]] = [(root, None, 0, root.host)]
        while waiting:
            node, parent, delta, host = waiting.pop()
            if parent is not None and (node.host != host or not node.host):
                delta, host = _skew(node.span, parent.span), node.host
            _move(node.span, delta, max_skew_ns)
            waiting.extend((child, node, delta, host) for child in reversed(node.children))


def _nodes(groups: Sequence[Any]) -> dict[bytes, _Node]:
    found: dict[bytes, _Node] = {}
    for group in groups:
        host = _host(group.resource)
        for scoped in group.scope_spans:
            for span in scoped.spans:
                if span.span_id in found:
                    add_warning(span, "duplicate span IDs; skipping clock skew adjustment")
                else:
                    found[span.span_id] = _Node(span, host)
    return found


def _host(resource: Any) -> str:
    values = {item.key: item.value for item in resource.attributes if item.key in _HOST_KEYS}
    for key in _HOST_KEYS:
        if key in values:
            value = values[key]
            if value.HasField("array_value"):
                value = next(iter(value.array_value.values), AnyValue())
            return to_text(value)
    return ""


def _roots(nodes: dict[bytes, _Node]) -> Iterator[_Node]:
    """Spans without a parent here; the others become children."""
    found = []
    for node in nodes.values():
        parent_id = node.span.parent_span_id
        if not any(parent_id):
            found.append(node)
        elif parent_id in nodes:
            nodes[parent_id].children.append(node)
        else:
            add_warning(
                node.span,
                f"parent span ID={parent_id.hex()} is not in the trace;"
                " skipping clock skew adjustment",
            )
            found.append(node)
    yield from found


def _skew(child: Any, parent: Any) -> int:
    """By how many nanoseconds a child has to be moved so that it fits into its parent."""
    start: int = parent.start_time_unix_nano
    end: int = parent.end_time_unix_nano
    begin: int = child.start_time_unix_nano
    finish: int = child.end_time_unix_nano
    if finish - begin > end - start:
        return max(start - begin, 0)  # all that can be said: it did not start before its parent
    if start <= begin and finish <= end:
        return 0
    latency = (end - start - (finish - begin)) // 2  # there and back alike
    return start + latency - begin


def _move(span: Any, delta_ns: int, max_ns: int) -> None:
    if not delta_ns:
        return
    shown = print_go_duration(delta_ns)
    if abs(delta_ns) > max_ns:
        refusal = (
            f"max clock skew adjustment delta of {print_go_duration(max_ns)} exceeded"
            if max_ns
            else "clock skew adjustment disabled"
        )
        add_warning(span, f"{refusal}; not applying calculated delta of {shown}")
        return
    span.start_time_unix_nano = _moved(span.start_time_unix_nano, delta_ns)
    span.end_time_unix_nano = _moved(span.end_time_unix_nano, delta_ns)
    for event in span.events:
        event.time_unix_nano = _moved(event.time_unix_nano, delta_ns)
    add_warning(span, f"This span's timestamps were adjusted by {shown}")


def _moved(time_ns: int, delta_ns: int) -> int:
    """A time as far as 64 bits go: senders give events any."""
    return min(max(time_ns + delta_ns, 0), _MAX_UINT64)
