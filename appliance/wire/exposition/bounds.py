"""Bounds of buckets and quantiles as label values (Prometheus 3: normalised while scraping)."""

from __future__ import annotations

import math

from appliance.base.errors import BadInput
from appliance.wire.numbers import parse_float

#: Which label holds a number, by the type of the metric family.
BOUND_LABELS = {"histogram": "le", "summary": "quantile"}
_SPECIAL = {math.inf: "+Inf", -math.inf: "-Inf"}


def print_bound(value: float) -> str:
    """A bound as OpenMetrics writes it: the shortest digits, always with a point or an exponent.

    The exponent starts below 1e-4 and from 1e6 on (Go's `FormatFloat(v, 'g', -1, 64)`).
    """
    if value != value:  # noqa: PLR0124 - NaN
        return "NaN"
    if value in _SPECIAL:
        return _SPECIAL[value]
    if value == 0:
        return "0.0"
    if 1e-4 <= abs(value) < 1e6:
        return repr(value)
    mantissa, _, exponent = repr(value).partition("e")
    if not exponent:
        whole, _, fraction = mantissa.lstrip("-").removesuffix(".0").partition(".")
        digits, places = whole + fraction, len(whole) - 1
        head = digits.rstrip("0")
        sign = "-" if value < 0 else ""
        mantissa = sign + head[0] + ("." + head[1:] if head[1:] else "")
        exponent = str(places)
    return f"{mantissa.removesuffix('.0')}e{int(exponent):+03d}"


def normalised_bound(text: str) -> str:
    """A label value that should be a bound, as `print_bound` writes it; other texts stay."""
    try:
        return print_bound(parse_float(text.encode()))
    except BadInput:
        return text
