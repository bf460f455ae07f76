"""The text that `/federate` answers (Prometheus, web/federate.go; text format 0.0.4)."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.model.labels import Labels

_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
#: Go's shortest %g has an exponent below and from these sizes on.
_FIXED_FROM, _EXPONENT_FROM = 1e-4, 1e6
_ODD = re.compile(r"[^a-zA-Z0-9_:]")


def federation_text(
    points: Iterable[tuple[Labels, int, float]], external: Labels, *, allow_utf8: bool = False
) -> bytes:
    """Points as untyped metrics, families by name.

    Args:
        points: (labels, time in milliseconds, value); those without a metric name are left out.
        external: Added to series that do not have them; `instance` is added empty, as Prometheus
            does, so that the scraper does not put its own there.
        allow_utf8: Whether the client can read quoted names; otherwise they are escaped.
    """
    added = {"instance": "", **dict(external)}
    lines: list[str] = []
    last = None
    named = [(labels.get("__name__"), labels, time_ms, value) for labels, time_ms, value in points]
    for name, labels, time_ms, value in sorted(named, key=lambda point: point[:2]):
        if not name:
            continue
        if name != last:
            lines.append(f"# TYPE {_shown(name, allow_utf8=allow_utf8)} untyped")
            last = name
        series = _series(name, labels, added, allow_utf8=allow_utf8)
        lines.append(f"{series} {_number(value)} {time_ms}")
    return ("\n".join(lines) + "\n").encode() if lines else b""


def _series(name: str, labels: Labels, added: dict[str, str], *, allow_utf8: bool) -> str:
    own = {key: value for key, value in labels if key != "__name__"}
    pairs = own | {key: added[key] for key in sorted(added) if key not in own}
    shown = ",".join(
        f"{_shown(key, allow_utf8=allow_utf8)}={_quoted(value)}" for key, value in pairs.items()
    )
    metric = _shown(name, allow_utf8=allow_utf8)
    return f"{{{metric},{shown}}}" if metric.startswith('"') else f"{metric}{{{shown}}}"


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _shown(name: str, *, allow_utf8: bool) -> str:
    """A name as it is, in quotes, or with underscores for what old readers do not know."""
    if _ODD.search(name) is None and not name[0].isdigit():
        return name
    if allow_utf8:
        return _quoted(name)
    return ("_" if name[0].isdigit() else "") + _ODD.sub("_", name)


def _number(value: float) -> str:
    """As Go's `FormatFloat(v, 'g', -1, 64)`."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{value:+}".title()
    text = repr(value)
    size = abs(value)
    if size == 0 or _FIXED_FROM <= size < _EXPONENT_FROM:
        return text.removesuffix(".0")
    _, digits, power = Decimal(text).normalize().as_tuple()
    shown = "".join(map(str, digits))
    power = int(power) + len(shown) - 1
    fraction = f".{shown[1:]}" if len(shown) > 1 else ""
    return (
        f"{'-' if value < 0 else ''}{shown[0]}{fraction}e{'-' if power < 0 else '+'}{abs(power):02}"
    )
