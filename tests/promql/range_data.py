"""Series that tests of functions over ranges share, and short ways to ask about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from appliance.model.histogram import Histogram
from appliance.model.value import Annotations, Matrix, Vector
from tests.promql.memory_source import MemorySource, loaded, query

Row = tuple[dict[str, str], list[float]]

FLOATS = """
    load 1m
      c_total{a="1"}  0+60x20
      c_total{a="2"}  5 10 20 3 4 8 _ _ 10 stale 5 7 9
      gauge           1 4 2 NaN 3
      steady          7x10
"""
_ONE = "{{count:3 sum:5 buckets:[1 2]}}"
_TWO = "{{count:6 sum:10 buckets:[2 4]}}"
_THREE = "{{count:9 sum:15 buckets:[3 6]}}"
_FOUR = "{{count:12 sum:20 buckets:[4 8]}}"
_CUSTOM = "{{schema:-53 count:3 sum:5 custom_values:[1 2] buckets:[1 2]}}"
_OTHER = "{{schema:-53 count:6 sum:10 custom_values:[1 4] buckets:[1 5]}}"
_GAUGES = (
    "{{count:3 sum:5 buckets:[1 2] counter_reset_hint:gauge}}"
    " {{count:1 sum:1 buckets:[1 0] counter_reset_hint:gauge}}"
)
#: `h` grows by itself each minute and is reset at 4m.
HISTOGRAMS = f"""
    load 1m
      h        {_ONE} {_TWO} {_THREE} {_FOUR} {_ONE} {_TWO}
      g        {_GAUGES}
      mixed    {_ONE} {_TWO} 1 2
      custom   {_CUSTOM} {_OTHER}
      schemas  {_ONE} {_OTHER}
"""


def ask(
    text: str, data: str | MemorySource, at: str | tuple[str, str, str], **more: Any
) -> list[Row]:
    """Labels and floats of each series, in the order of their labels."""
    value = _value(text, data, at, **more)[0]
    rows: list[Row] = []
    if isinstance(value, Vector):
        rows = [
            (dict(item), [number])
            for item, number in zip(value.labels, value.values.tolist(), strict=True)
        ]
    elif isinstance(value, Matrix):
        rows = [(dict(item), values.tolist()) for item, _, values in value.series]
    return sorted(rows, key=lambda row: sorted(row[0].items()))


def ask_one(text: str, data: str | MemorySource, at: str, **more: Any) -> float | None:
    """The only value there is, or None."""
    rows = ask(text, data, at, **more)
    assert len(rows) <= 1
    return rows[0][1][0] if rows else None


def ask_histograms(text: str, data: str, at: str) -> list[Histogram | None]:
    """The histograms of an instant query."""
    value = _value(text, data, at)[0]
    assert isinstance(value, Vector)
    found: Sequence[Histogram | None] = value.histograms or [None] * len(value.labels)
    return list(found)


def remarks(text: str, data: str, at: str | tuple[str, str, str]) -> Annotations:
    """What a query says beside its answer."""
    return _value(text, data, at)[1]


def _value(
    text: str, data: str | MemorySource, at: str | tuple[str, str, str], **more: Any
) -> tuple[Any, Annotations]:
    source = loaded(data) if isinstance(data, str) else data
    result = query(text, source, at, **more)
    return result.value, result.annotations
