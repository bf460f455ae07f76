"""Metric names as Prometheus' OTLP receiver makes them (strategy UnderscoreEscapingWithSuffixes).

The specification is OpenTelemetry's "Prometheus and OpenMetrics compatibility", "OTLP Metric points
to Prometheus".
"""

from __future__ import annotations

import functools
import re

_SEPARATORS = re.compile(r"[^a-zA-Z0-9:]+")
_NOT_IN_NAME = re.compile(r"[^a-zA-Z0-9:_]+")
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


@functools.lru_cache(maxsize=8192)
def plain_name(name: str) -> str:
    """A name without suffixes (strategy UnderscoreEscapingWithoutSuffixes)."""
    joined = "_".join(word for word in _NOT_IN_NAME.split(name) if word)
    return "_" + joined if joined[:1].isdigit() else joined


@functools.lru_cache(maxsize=8192)
def suffixed_name(name: str, unit: str, kind: str) -> str:
    """A name as it is, with suffixes (strategy NoUTF8EscapingWithSuffixes)."""
    if not name:
        return ""
    main, _, per = unit.partition("/")
    if word := _unit(main, _UNITS):
        name = f"{_trimmed(name, word)}_{word}"
    if word := _unit(per, _PER_UNITS):
        name = f"{_trimmed(name, 'per_' + word)}_per_{word}"
    if kind == "counter":
        return f"{_trimmed(name, 'total')}_total"
    if kind == "gauge" and unit == "1":
        return f"{_trimmed(name, 'ratio')}_ratio"
    return name


def _trimmed(name: str, suffix: str) -> str:
    """A name less a suffix that it has already, and the sign before it."""
    if not name.endswith(suffix):
        return name
    rest = name.removesuffix(suffix)
    return rest[:-1] if rest and not rest[-1].isalnum() else name


def _unit(unit: str, names: dict[str, str]) -> str:
    unit = unit.strip()
    if "{" in unit or "}" in unit:  # an annotation, not a unit
        return ""
    return _NOT_IN_UNIT.sub("_", names.get(unit, unit)).strip("_")
