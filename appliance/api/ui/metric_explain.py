"""What an expression is made of: its tree, the metrics in it, and what is likely a mistake.

Every node of the tree is an expression of its own, spelled so that it can be asked alone.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from appliance.api.http import tenant_of
from appliance.api.prometheus.deps import PROMETHEUS
from appliance.api.prometheus.targets import known_metadata
from appliance.api.request import parameters_of
from appliance.api.ui.rendering import json_answer
from appliance.base.tasks import offload
from appliance.promql.ast import Aggregate, Binary, Call, MatrixSelector, VectorSelector
from appliance.promql.parser import parse
from appliance.promql.printer import pretty, print_expr
from appliance.promql.types import type_of
from appliance.promql.walk import metric_names
from appliance.ui.metrics import families

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aiohttp import web

    from appliance.model.sample import MetricMetadata
    from appliance.promql.ast import Expr

#: Nodes of one tree; queries written by programs may have thousands.
_MOST_NODES = 300
#: What only makes sense of counters, and what takes the rise of a gauge.
_OF_COUNTERS = {"rate": "deriv", "irate": "deriv", "increase": "delta"}
_ENDINGS = ("_bucket", "_sum", "_count", "_total")


async def explain(request: web.Request) -> web.Response:
    """`GET /api/ui/metrics/explain?query=`: the query laid out, its tree, metrics and hints.

    Raises:
        BadInput: The query cannot be read.
    """
    given = await parameters_of(request)
    deps, tenant = request.app[PROMETHEUS], tenant_of(request)
    metadata = known_metadata(request)
    expr = parse(given.get("query", ""), deps.features)

    def find() -> dict[str, Any]:
        names = set(metric_names(expr))
        counts = deps.tsdb.cardinality(tenant, 20_000).series_by_name
        rows = families([row for row in counts if row[0] in names], metadata)
        return {
            "formatted": pretty(expr),
            "type": type_of(expr),
            "tree": tree(expr),
            "metrics": [asdict(row) for row in rows],
            "missing": sorted(names - {name for name, _ in counts}),
            "hints": hints(expr, metadata),
        }

    return json_answer(await offload(find))


def tree(expr: Expr, most: int = _MOST_NODES) -> dict[str, Any]:
    """Nodes of an expression from the outside in.

    Each has `text` (it alone, as a query), `label` (what it does to its children), `type` and
    `children`; those behind the first `most` are left out, and `is_cut` says so.
    """
    left = most

    def node(part: Expr) -> dict[str, Any]:
        nonlocal left
        left -= 1
        # A selector with a range is one thing, not something done to a selector.
        below = [] if isinstance(part, MatrixSelector) else list(part.children())
        children = [node(child) for child in below if left > 0]
        return {
            "text": print_expr(part),
            "label": _label(part),
            "type": type_of(part),
            "children": children,
            "is_cut": len(children) < len(below),
        }

    return node(expr)


def _label(expr: Expr) -> str:
    """A node without its operands."""
    match expr:
        case Binary():
            matching = expr.matching
            text = expr.op + (" bool" if expr.returns_bool else "")
            if matching is None or (not matching.on and not matching.labels):
                return text
            on = "on" if matching.on else "ignoring"
            text += f" {on} ({', '.join(matching.labels)})"
            side = {"many-to-one": "group_left", "one-to-many": "group_right"}
            group = side.get(matching.cardinality)
            return f"{text} {group} ({', '.join(matching.include)})" if group else text
        case Aggregate():
            by = "without" if expr.without else "by"
            is_grouped = expr.grouping or expr.without
            return f"{expr.op} {by} ({', '.join(expr.grouping)})" if is_grouped else expr.op
        case Call():
            return f"{expr.name}()"
        case _:
            return ""


def hints(expr: Expr, metadata: Mapping[str, Sequence[MetricMetadata]]) -> list[str]:
    """What is likely not meant, in sentences; each once."""
    return list(dict.fromkeys(_hints(expr, metadata)))


def _hints(
    expr: Expr, metadata: Mapping[str, Sequence[MetricMetadata]], above: str = ""
) -> Iterator[str]:
    match expr:
        case VectorSelector() if above == "" and _type(expr.name, metadata) == "counter":
            yield (
                f"{expr.name} is a counter: it only grows, and starts again at zero with its"
                f" process. rate({expr.name}[5m]) shows what happens per second."
            )
        case Call(name=name, args=(MatrixSelector() as ranged, *_)) if name in _OF_COUNTERS:
            metric = ranged.vector.name
            if _type(metric, metadata) == "gauge":
                better = _OF_COUNTERS[name]
                yield (
                    f"{metric} is a gauge: {name} takes each fall for a restart."
                    f" {better} is meant for gauges."
                )
        case Call(name="histogram_quantile", args=(_, Aggregate() as inner)) if _loses_le(inner):
            yield (
                f"{inner.op} drops the label le that histogram_quantile needs of classic"
                f" histograms: {inner.op} by (le) (…) keeps it."
            )
    inside = expr.name if isinstance(expr, Call) else above
    if isinstance(expr, Aggregate) and expr.op in {"count", "group", "count_values"}:
        inside = expr.op
    for child in expr.children():
        yield from _hints(child, metadata, inside)


def _loses_le(expr: Aggregate) -> bool:
    names = [name for name in metric_names(expr) if name.endswith("_bucket")]
    return bool(names) and ("le" in expr.grouping) == expr.without


def _type(name: str, metadata: Mapping[str, Sequence[MetricMetadata]]) -> str:
    for ending in ("", *_ENDINGS):
        known = metadata.get(name.removesuffix(ending)) if name.endswith(ending) else None
        if known:
            return known[0].type if ending in {"", "_total"} else "counter"
    return "counter" if name.endswith("_total") else ""
