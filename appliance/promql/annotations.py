"""Warnings and infos of an evaluation, in Prometheus' words (util/annotations, 3.14).

Each function below adds one remark to `Remarks`. A remark with the same text is added once and
keeps the position at which it came up first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from appliance.model.value import Annotations
from appliance.promql.go_format import general, rfc3339
from appliance.syntax.quoting import quote
from appliance.syntax.source import line_byte

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How many of each kind an answer shows.
_MOST = 10


class HistogramOperation(Enum):
    """What was done with histograms when something about them was noticed."""

    ADDITION = "addition"
    SUBTRACTION = "subtraction"
    AGGREGATION = "aggregation"


@dataclass(frozen=True, slots=True)
class _Monotonicity:
    """What forced monotonicity did, over all samples to which it happened."""

    first_ms: int
    last_ms: int
    lowest: float
    highest: float
    difference: float
    samples: int

    def text(self) -> str:
        return (
            f", from buckets {general(self.lowest)} to {general(self.highest)},"
            f" with a max diff of {general(self.difference, 2)}, over {self.samples} samples"
            f" from {rfc3339(self.first_ms)} to {rfc3339(self.last_ms)}"
        )


class Remarks:
    """Collects remarks, each once.

    Args:
        text: The query; positions are shown as line and column in it. Without one no positions
            are shown.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._warnings: dict[str, int | None] = {}
        self._infos: dict[str, int | None] = {}
        self._monotonicity: dict[str, _Monotonicity] = {}

    def warn(self, message: str, position: int | None) -> None:
        """Add a warning, its text without "PromQL warning: "; position: offset or None."""
        self._warnings.setdefault(message, position)

    def info(self, message: str, position: int | None) -> None:
        """Add an info, its text without "PromQL info: "."""
        self._infos.setdefault(message, position)

    def _info_monotonicity(self, message: str, position: int | None, seen: _Monotonicity) -> None:
        self.info(message, position)
        known = self._monotonicity.get(message)
        self._monotonicity[message] = seen if known is None else _merged(known, seen)

    def annotations(self) -> Annotations:
        """What the answer says."""
        return Annotations(self._shown("warning", self._warnings), self._shown("info", self._infos))

    def _shown(self, kind: str, found: Mapping[str, int | None]) -> tuple[str, ...]:
        texts = [
            f"PromQL {kind}: {message}{self._details(message)}{self._place(position)}"
            for message, position in found.items()
        ]
        shown = tuple(texts[:_MOST])
        rest = len(texts) - len(shown)
        return (*shown, f"{rest} more {kind} annotations omitted") if rest else shown

    def _details(self, message: str) -> str:
        seen = self._monotonicity.get(message)
        return seen.text() if seen is not None and self._text else ""

    def _place(self, position: int | None) -> str:
        if position is None or not self._text:
            return ""
        line, column = line_byte(self._text, position)
        return f" ({line}:{column})"


def _merged(one: _Monotonicity, other: _Monotonicity) -> _Monotonicity:
    return replace(
        one,
        first_ms=min(one.first_ms, other.first_ms),
        last_ms=max(one.last_ms, other.last_ms),
        lowest=min(one.lowest, other.lowest),
        highest=max(one.highest, other.highest),
        difference=max(one.difference, other.difference),
        samples=one.samples + other.samples,
    )


def _of_metric(name: str) -> str:
    return f" for metric name {quote(name)}" if name else ""


def warn_invalid_ratio(
    remarks: Remarks, position: int | None, ratio: float, *, used: float
) -> None:
    """limit_ratio's parameter is not between -1 and 1; `used` is taken instead."""
    text = "ratio value should be between -1 and 1, got"
    remarks.warn(f"{text} {general(ratio)}, capping to {general(used)}", position)


def warn_invalid_quantile(remarks: Remarks, position: int | None, quantile: float) -> None:
    """A quantile is not between 0 and 1."""
    text = "quantile value should be between 0 and 1, got"
    remarks.warn(f"{text} {general(quantile)}", position)


def warn_bad_bucket_label(remarks: Remarks, position: int | None, name: str, *, le: str) -> None:
    """The `le` of a classic bucket is no number; name: the metric's, may be empty."""
    text = f'bucket label "le" is missing or has a malformed value of {quote(le)}'
    remarks.warn(text + _of_metric(name), position)


def warn_mixed_floats_histograms(remarks: Remarks, position: int | None, name: str) -> None:
    """A range holds floats and histograms, and the function cannot take both."""
    text = "encountered a mix of histograms and floats for metric name"
    remarks.warn(f"{text} {quote(name)}", position)


def warn_mixed_in_aggregation(remarks: Remarks, position: int | None) -> None:
    """A group of an aggregation holds floats and histograms."""
    remarks.warn("encountered a mix of histograms and floats for aggregation", position)


def warn_mixed_classic_native(remarks: Remarks, position: int | None, name: str) -> None:
    """A vector holds classic and native histograms of one metric; its name may be empty."""
    text = "vector contains a mix of classic and native histograms"
    remarks.warn(text + _of_metric(name), position)


def warn_not_counter(remarks: Remarks, position: int | None, name: str) -> None:
    """A counter function met a gauge histogram."""
    text = "this native histogram metric is not a counter:"
    remarks.warn(f"{text} {quote(name)}", position)


def warn_not_gauge(remarks: Remarks, position: int | None, name: str) -> None:
    """A gauge function met a counter histogram."""
    text = "this native histogram metric is not a gauge:"
    remarks.warn(f"{text} {quote(name)}", position)


def warn_mixed_schemas(remarks: Remarks, position: int | None, name: str) -> None:
    """Exponential and custom buckets come together."""
    text = (
        "vector contains a mix of histograms with exponential and custom buckets schemas"
        " for metric name"
    )
    remarks.warn(f"{text} {quote(name)}", position)


def warn_incompatible_layout(remarks: Remarks, position: int | None, operator: str) -> None:
    """A binary operator met histograms whose buckets cannot be brought together."""
    text = "incompatible bucket layout encountered for binary operator"
    remarks.warn(f"{text} {operator}", position)


def warn_sort_in_range(remarks: Remarks, position: int | None) -> None:
    """A sort function in a range query."""
    text = "sort is ineffective for range queries since results are always ordered by labels"
    remarks.warn(text, position)


def warn_reset_collision(
    remarks: Remarks, position: int | None, operation: HistogramOperation
) -> None:
    """Histograms with and without a counter reset come together."""
    text = "conflicting counter resets during histogram"
    remarks.warn(f"{text} {operation.value}", position)


def info_possible_non_counter(remarks: Remarks, position: int | None, name: str) -> None:
    """A counter function met a metric whose name is not that of a counter."""
    text = "metric might not be a counter, name does not end in _total/_sum/_count/_bucket:"
    remarks.info(f"{text} {quote(name)}", position)


def info_possible_non_counter_type(
    remarks: Remarks, position: int | None, name: str, *, type_label: str
) -> None:
    """A counter function met a metric whose `__type__` is not that of a counter."""
    text = 'metric might not be a counter, __type__ label is not set to "counter" or "histogram"'
    remarks.info(f"{text}, got {quote(type_label)}: {quote(name)}", position)


def info_forced_monotonicity(
    remarks: Remarks,
    position: int | None,
    name: str,
    *,
    time_ms: int,
    buckets: tuple[float, float],
    difference: float,
    last_ms: int | None = None,
    samples: int = 1,
) -> None:
    """Counts of classic buckets did not grow with their bounds, at one time or several.

    Args:
        name: The metric's, may be empty.
        time_ms: The first time.
        last_ms: The last time, if there are several.
        samples: At how many times.
        buckets: The lowest and the highest bound that had to be changed.
        difference: The largest change.
    """
    text = (
        "input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io"
        "/docs/prometheus/latest/querying/functions/#histogram_quantile)"
    )
    last_ms = time_ms if last_ms is None else last_ms
    seen = _Monotonicity(time_ms, last_ms, *buckets, difference, samples)
    remarks._info_monotonicity(text + _of_metric(name), position, seen)  # noqa: SLF001 - same module


def info_incompatible_types(
    remarks: Remarks, position: int | None, operator: str, *, left: str, right: str
) -> None:
    """A binary operator cannot take these; left, right: `float` or `histogram`."""
    text = "incompatible sample types encountered for binary operator"
    remarks.info(f"{text} {quote(operator)}: {left} {operator} {right}", position)


def info_histogram_ignored(remarks: Remarks, position: int | None, aggregation: str) -> None:
    """An aggregation cannot take histograms."""
    remarks.info(f"ignored histogram in {aggregation} aggregation", position)


def info_histogram_ignored_in_range(remarks: Remarks, position: int | None, name: str) -> None:
    """A function over a range used the floats only."""
    text = "ignored histograms in a range containing both floats and histograms for metric name"
    remarks.info(f"{text} {quote(name)}", position)


def info_quantile_of_nan(
    remarks: Remarks, position: int | None, name: str, *, is_result_nan: bool
) -> None:
    """A native histogram holds NaN observations; name: the metric's, may be empty."""
    text = "input to histogram_quantile has NaN observations, result is"
    found = f"{text} {'NaN' if is_result_nan else 'skewed higher'}"
    remarks.info(found + _of_metric(name), position)


def info_fraction_of_nan(remarks: Remarks, position: int | None, name: str) -> None:
    """A native histogram holds NaN observations; name: the metric's, may be empty."""
    text = "input to histogram_fraction has NaN observations, which are excluded from all fractions"
    remarks.info(text + _of_metric(name), position)


def info_mismatched_bounds(
    remarks: Remarks, position: int | None, operation: HistogramOperation
) -> None:
    """Custom buckets with different bounds were reduced to those they share."""
    text = "mismatched custom buckets were reconciled during"
    remarks.info(f"{text} {operation.value}", position)
