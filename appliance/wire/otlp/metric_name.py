"""Metric names as Prometheus' OTLP receiver makes them (strategy UnderscoreEscapingWithSuffixes).

The specification is OpenTelemetry's "Prometheus and OpenMetrics compatibility", "OTLP Metric points
to Prometheus".
"""

from __future__ import annotations

import functools
import re

_SEPARATORS = re.compile(r"[^a-zA-Z0-9:]+")
_NOT_IN_UNIT = re.compile(r"[^a-zA-Z0-9]+")

_UNITS = {
    "d": "days",
    "h": "hours",
    "min": "minutes",
    "s": "seconds",
    "ms": "milliseconds",
    "us": "microseconds",
    "ns": "nanoseconds",
    "By": "bytes",
    "KiBy": "kibibytes",
    "MiBy": "mebibytes",
    "GiBy": "gibibytes",
    "TiBy": "tibibytes",
    "KBy": "kilobytes",
    "MBy": "megabytes",
    "GBy": "gigabytes",
    "TBy": "terabytes",
    "m": "meters",
    "V": "volts",
    "A": "amperes",
    "J": "joules",
    "W": "watts",
    "g": "grams",
    "Cel": "celsius",
    "Hz": "hertz",
    "1": "",
    "%": "percent",
}
_PER_UNITS = {
    "s": "second",
    "m": "minute",
    "h": "hour",
    "d": "day",
    "w": "week",
    "mo": "month",
    "y": "year",
}


@functools.lru_cache(maxsize=8192)
def metric_name(name: str, unit: str, kind: str) -> str:
    """The series name of a metric: its words, its unit, and `total` or `ratio` where due.

    Args:
        name: As the instrument is called, such as `http.server.duration`.
        unit: UCUM, such as `ms`, `By/s` or `{request}`.
        kind: `counter` (monotonic, cumulative), `gauge` or anything else.

    Returns:
        The empty string if the name has no usable character.
    """
    words = [word for word in _SEPARATORS.split(name) if word]
    if not words:
        return ""
    main, _, per = unit.partition("/")
    if (word := _unit(main, _UNITS)) and word not in words:
        words.append(word)
    if (word := _unit(per, _PER_UNITS)) and word not in words:
        words += ["per", word]
    if kind == "counter":
        words = [word for word in words if word != "total"] + ["total"]
    elif kind == "gauge" and unit == "1":
        words = [word for word in words if word != "ratio"] + ["ratio"]
    joined = "_".join(words)
    return "_" + joined if joined[0].isdigit() else joined


def _unit(unit: str, names: dict[str, str]) -> str:
    unit = unit.strip()
    if "{" in unit or "}" in unit:  # an annotation, not a unit
        return ""
    return _NOT_IN_UNIT.sub("_", names.get(unit, unit)).strip("_")
