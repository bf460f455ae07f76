"""Functions of Prometheus' templates (Prometheus 3, "Template reference")."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlsplit

from appliance.base.errors import BadInput
from appliance.gotemplate.humanize import HUMANIZE_FUNCTIONS
from appliance.gotemplate.text_functions import TEXT_FUNCTIONS
from appliance.gotemplate.values import ANY, Function, StringMap, Struct
from appliance.model.histogram import Histogram
from appliance.promql.histograms.text import print_histogram
from appliance.rules.rule_state import samples_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from appliance.model.value import QueryResult

SAMPLE, ROWS = "*template.sample", "template.queryResult"
_HOST_PORT = re.compile(r"(?:\[([^\[\]]*)\]|([^\[\]:]*)):([^\[\]:]*)")


class Rows(list[Struct]):
    """What `query` gives."""

    go_type = ROWS


class HistogramValue:
    """A native histogram as the value of a sample."""

    go_type = "*histogram.FloatHistogram"

    def __init__(self, histogram: Histogram) -> None:
        self._histogram = histogram

    def go_string(self) -> str:
        """Its buckets."""
        return print_histogram(self._histogram)


def shown_value(value: float | Histogram) -> Any:
    """The value of a sample as templates see it."""
    return HistogramValue(value) if isinstance(value, Histogram) else float(value)


def rows_of(result: QueryResult) -> Rows:
    """Samples of an instant query.

    Raises:
        QueryFailed: It gave something else.
    """
    return Rows(
        Struct(SAMPLE, {"Labels": StringMap(labels), "Value": shown_value(value)})
        for labels, value in samples_of(result)
    )


def _row(row: Struct | None) -> Mapping[str, Any]:
    """The fields of a sample; there may be none."""
    if row is None:
        raise BadInput("runtime error: invalid memory address or nil pointer dereference")
    return row.go_fields


def _label(name: str, row: Struct | None) -> str:
    return str(_row(row)["Labels"].get(name, ""))


def _first(rows: Rows | None) -> Struct:
    if not rows:
        raise BadInput("first() called on vector with no elements")
    return rows[0]


def _sort_by_label(name: str, rows: Rows | None) -> Rows:
    return Rows(sorted(rows or (), key=lambda row: row.go_fields["Labels"].get(name, "")))


def _split(address: str) -> tuple[str, str] | None:
    """Host and port; None when it is no host with a port."""
    match = _HOST_PORT.fullmatch(address)
    return (match[1] if match[1] is not None else match[2], match[3]) if match else None


def strip_port(address: str) -> str:
    """The host of `host:port`; anything else stays."""
    parts = _split(address)
    return address if parts is None else parts[0]


def strip_domain(address: str) -> str:
    """The first part of a host's name, with its port; addresses stay."""
    host, port = _split(address) or (address, "")
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    else:
        return address
    host = host.partition(".")[0]
    if not port:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _link(tab: int) -> Callable[[str], str]:
    return lambda expr: f"/graph?g0.expr={quote_plus(expr)}&g0.tab={tab}"


_S = "string"
STATIC_FUNCTIONS: Mapping[str, Function] = {
    **TEXT_FUNCTIONS,
    **HUMANIZE_FUNCTIONS,
    "args": Function((), lambda *given: {f"arg{n}": value for n, value in enumerate(given)}, ANY),
    "first": Function((ROWS,), _first),
    "graphLink": Function((_S,), _link(0)),
    "label": Function((_S, SAMPLE), _label),
    "sortByLabel": Function((_S, ROWS), _sort_by_label),
    "stripDomain": Function((_S,), strip_domain),
    "stripPort": Function((_S,), strip_port),
    "strvalue": Function((SAMPLE,), lambda row: _label("__value__", row)),
    "tableLink": Function((_S,), _link(1)),
    "value": Function((SAMPLE,), lambda row: _row(row)["Value"]),
}
#: All names that a template may use.
FUNCTION_NAMES = frozenset([*STATIC_FUNCTIONS, "externalURL", "now", "pathPrefix", "query"])


def functions_at(
    at_ms: int, external_url: str, query: Callable[[str, int], QueryResult]
) -> dict[str, Function]:
    """The functions of one evaluation."""
    return {
        **STATIC_FUNCTIONS,
        "externalURL": Function((), lambda: external_url),
        "now": Function((), lambda: at_ms / 1000),
        "pathPrefix": Function((), lambda: urlsplit(external_url).path),
        "query": Function((_S,), lambda text: rows_of(query(text, at_ms))),
    }
