"""What is expected against what came, in promtool's words."""

from __future__ import annotations

import difflib
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.model.histogram import Histogram
from appliance.model.labels import Labels
from appliance.promql.go_format import labels_text
from appliance.promql.histograms.text import print_test_expression
from appliance.rules.unit_test.notation import parse_metric, parse_series
from appliance.syntax.quoting import quote
from appliance.wire.numbers import print_exponent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.rules.rule_state import Sample
    from appliance.rules.unit_test.file import ExpectedSample

_INDENT = " " * 12


@dataclass(frozen=True, slots=True, order=True)
class FiringAlert:
    """Labels and annotations, each sorted by name."""

    labels: Labels
    annotations: Labels

    @classmethod
    def of(cls, labels: Mapping[str, str], annotations: Mapping[str, str]) -> FiringAlert:
        """An alert; empty values are kept."""
        return cls(Labels(sorted(labels.items())), Labels(sorted(annotations.items())))

    def __str__(self) -> str:
        labels, annotations = labels_text(self.labels), labels_text(self.annotations)
        return f"Labels:{labels}\nAnnotations:{annotations}"

    def as_json(self) -> dict[str, dict[str, str]]:
        """As a JSON object."""
        return {"Labels": dict(self.labels), "Annotations": dict(self.annotations)}


def compare_alerts(
    expected: Sequence[FiringAlert], got: Sequence[FiringAlert], *, is_diff: bool = False
) -> str:
    """How the alerts differ; empty when they do not."""
    wanted, found = sorted(expected), sorted(got)
    if wanted == found:
        return ""
    if is_diff:
        return f"        diff: {_indented(_diff(wanted, found))}"
    shown = [_indented(_alerts_text(alerts)) for alerts in (wanted, found)]
    return f"        exp:{shown[0]}, \n        got:{shown[1]}"


def _alerts_text(alerts: Sequence[FiringAlert]) -> str:
    if not alerts:
        return "[]"
    texts = [
        f"{n}:\n  {str(alert).replace(chr(10), chr(10) + '  ')}" for n, alert in enumerate(alerts)
    ]
    return "[\n" + ",\n".join(texts) + "\n]"


def _indented(text: str) -> str:
    return text.replace("\n", "\n" + _INDENT)


def _diff(wanted: Sequence[FiringAlert], found: Sequence[FiringAlert]) -> str:
    """Both as JSON, line by line: `-` is expected and missing, `+` came instead."""
    texts = [
        json.dumps([alert.as_json() for alert in alerts], indent=4, ensure_ascii=False).split("\n")
        for alerts in (wanted, found)
    ]
    return "\n".join(line for line in difflib.ndiff(texts[0], texts[1]) if not line.startswith("?"))


@dataclass(frozen=True, slots=True)
class _Row:
    """A sample; a histogram is compared by its text."""

    labels: Labels
    value: float
    histogram: str

    def __str__(self) -> str:
        value = self.histogram or print_exponent(self.value).replace("e", "E")
        return f"{labels_text(self.labels)} {value}"


def compare_samples(
    expected: Sequence[ExpectedSample], got: Sequence[Sample], *, is_fuzzy: bool = False
) -> str:
    """How the samples of an expression differ; empty when they do not.

    Raises:
        BadInput: The labels or the histogram of an expected sample are not in the notation.
    """
    wanted = sorted(map(_expected_row, expected), key=lambda row: row.labels)
    found = sorted((_row(*sample) for sample in got), key=lambda row: row.labels)
    if len(wanted) == len(found) and all(
        one.labels == other.labels
        and one.histogram == other.histogram
        and _are_equal(one.value, other.value, is_fuzzy=is_fuzzy)
        for one, other in zip(wanted, found, strict=True)
    ):
        return ""
    shown = [", ".join(map(str, rows)) or "nil" for rows in (wanted, found)]
    return f"        exp: {shown[0]}\n        got: {shown[1]}"


def _are_equal(one: float, other: float, *, is_fuzzy: bool) -> bool:
    """Whether two values are equal, or neighbours when fuzzy; a NaN equals nothing."""
    neighbours = (math.nextafter(one, -math.inf), math.nextafter(one, math.inf))
    return one == other or (is_fuzzy and other in neighbours)


def _row(labels: Labels, value: float | Histogram) -> _Row:
    if isinstance(value, Histogram):
        return _Row(labels, 0.0, print_test_expression(value))
    return _Row(labels, value, "")


def _expected_row(sample: ExpectedSample) -> _Row:
    try:
        labels = parse_metric(sample.labels) if sample.labels else Labels()
        text = _histogram_text(sample.histogram) if sample.histogram else ""
    except BadInput as error:
        raise BadInput(f"labels {quote(sample.labels)}: {error.message}") from error
    return _Row(labels, 0.0 if text else sample.value, text)


def _histogram_text(text: str) -> str:
    _, values = parse_series("{} " + text)
    if len(values) != 1:
        raise BadInput(f"expected 1 value, got {len(values)}")
    if not isinstance(values[0], Histogram):
        raise BadInput(f"expected histogram, got {values[0]}")
    return print_test_expression(values[0])
