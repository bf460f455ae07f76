"""Series as text: the exposition format 0.0.4 and OpenMetrics 1.0."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.wire.numbers import print_general

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.model.labels import Labels
    from appliance.model.sample import MetricMetadata

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
_HELP_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n"})


def print_name(name: str) -> str:
    """A metric's or label's name, in quotes where it needs them."""
    return name if _NAME.fullmatch(name) else f'"{name.translate(_ESCAPES)}"'


def print_series(labels: Labels) -> str:
    """A series as a selector: `name{label="value"}`."""
    name = print_name(labels.get("__name__"))
    pairs = [
        f'{print_name(label)}="{value.translate(_ESCAPES)}"'
        for label, value in labels
        if label != "__name__"
    ]
    if name.startswith('"'):
        return f"{{{','.join([name, *pairs])}}}"
    return f"{name}{{{','.join(pairs)}}}" if pairs else name


def print_header(name: str, metadata: MetricMetadata, *, openmetrics: bool = False) -> str:
    """The HELP, TYPE and UNIT lines of a family."""
    kind = metadata.type
    shown = print_name(name)
    if openmetrics and kind == "counter":
        shown = print_name(name.removesuffix("_total"))
    if not openmetrics:
        kind = {"unknown": "untyped", "gaugehistogram": "histogram"}.get(kind, kind)
        kind = {"info": "gauge", "stateset": "gauge"}.get(kind, kind)
    lines = []
    if metadata.help:
        lines.append(f"# HELP {shown} {metadata.help.translate(_HELP_ESCAPES)}\n")
    lines.append(f"# TYPE {shown} {kind}\n")
    if openmetrics and metadata.unit and name.removesuffix("_total").endswith("_" + metadata.unit):
        lines.append(f"# UNIT {shown} {metadata.unit}\n")
    return "".join(lines)


def print_families(
    families: Iterable[tuple[str, MetricMetadata | None, list[tuple[Labels, float]]]],
    *,
    openmetrics: bool = False,
) -> bytes:
    """A whole exposition of current values."""
    parts = []
    for name, metadata, series in families:
        if metadata is not None:
            parts.append(print_header(name, metadata, openmetrics=openmetrics))
        elif openmetrics:
            parts.append(f"# TYPE {print_name(name)} unknown\n")
        parts += [f"{print_series(item)} {print_general(value)}\n" for item, value in series]
    if openmetrics:
        parts.append("# EOF\n")
    return "".join(parts).encode()
