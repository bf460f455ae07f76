"""Numbers, times and labels inside messages, as Prometheus prints them."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING

from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from appliance.model.labels import Labels

#: From this exponent on (and below -4) `%g` of the shortest digits changes to `e`.
_SHORTEST_EXPONENT = 6
_LEAST_EXPONENT = -4
_PLAIN_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def general(value: float, precision: int | None = None) -> str:
    """A number as `%g` (or `%v`), with a precision as `%.<precision>g`."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    shown = repr(value) if precision is None else f"{value:.{precision - 1}e}"
    sign, digits, exponent = Decimal(shown).normalize().as_tuple()
    if digits == (0,):
        return "-0" if sign else "0"
    text = "".join(map(str, digits))
    most = _SHORTEST_EXPONENT if precision is None else precision
    return ("-" if sign else "") + _laid_out(text, len(text) + int(exponent) - 1, most)


def _laid_out(digits: str, exponent: int, most: int) -> str:
    """Digits with the point where it belongs; exponent: that of the first digit."""
    if exponent < _LEAST_EXPONENT or exponent >= most:
        point = "." if len(digits) > 1 else ""
        return f"{digits[0]}{point}{digits[1:]}e{exponent:+03d}"
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    whole, rest = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
    return f"{whole}.{rest}" if rest else whole


def rfc3339(time_ms: int) -> str:
    """A time in UTC with whole seconds; fractions are cut off."""
    seconds = int(time_ms / 1000)
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def labels_text(labels: Labels) -> str:
    """Labels as Prometheus prints them: `{__name__="up", job="api"}`."""
    pairs = [
        f"{name if _PLAIN_NAME.fullmatch(name) else quote(name)}={quote(value)}"
        for name, value in labels
    ]
    return "{" + ", ".join(pairs) + "}"
