"""The file format of unit tests (Prometheus 3, "Unit testing for rules", Test file format)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from appliance.base.errors import BadInput
from appliance.config.scalars import Duration
from appliance.config.schema import key, section
from appliance.syntax.quoting import quote

_UNIX = re.compile(r"-?\d+(\.\d+)?")
_STEP = re.compile(r"\[\d+\]|\.?[^.\[\]]+")
#: Prometheus' names of the sections, by the key that holds them.
_TYPES = {
    "tests": "main.testGroup",
    "input_series": "main.series",
    "alert_rule_test": "main.alertTestCase",
    "exp_alerts": "main.alert",
    "promql_expr_test": "main.promqlTestCase",
    "exp_samples": "main.sample",
}


class StartTime(int):
    """A time in milliseconds since the epoch, written in Unix seconds or as RFC 3339."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> StartTime:
        """The time.

        Raises:
            BadInput: It is none.
        """
        if _UNIX.fullmatch(text):
            return cls(round(float(text) * 1000))
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise BadInput(f"cannot parse {quote(text)} to a valid timestamp") from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return cls(round(moment.timestamp() * 1000))


@section
class InputSeries:
    """One series and its values, in the notation of `notation.py`."""

    series: str = ""
    values: str = ""


@section
class ExpectedAlert:
    """A firing alert; `alertname` need not be among its labels."""

    exp_labels: dict[str, str] = key(default_factory=dict)
    exp_annotations: dict[str, str] = key(default_factory=dict)


@section
class AlertTest:
    """Which alerts of a name fire at a time after the start."""

    eval_time: Duration = Duration(0)
    alertname: str = ""
    exp_alerts: tuple[ExpectedAlert, ...] = ()


@section
class ExpectedSample:
    """A series of a result with its value, or its histogram if there is one."""

    labels: str = ""
    value: float = 0.0
    histogram: str = ""


@section
class ExprTest:
    """What an expression gives at a time after the start."""

    expr: str = ""
    eval_time: Duration = Duration(0)
    exp_samples: tuple[ExpectedSample, ...] = ()


@section
class TestCase:
    """Series, and what is expected of rules and expressions over them."""

    interval: Duration = Duration(0)
    input_series: tuple[InputSeries, ...] = ()
    alert_rule_test: tuple[AlertTest, ...] = ()
    promql_expr_test: tuple[ExprTest, ...] = ()
    external_labels: dict[str, str] = key(default_factory=dict)
    external_url: str = ""
    name: str = ""
    start_timestamp: StartTime = StartTime(0)

    @property
    def length_ms(self) -> int:
        """The last time that something is expected at."""
        times = [int(test.eval_time) for test in self.alert_rule_test]
        times += [int(test.eval_time) for test in self.promql_expr_test]
        return max(times, default=0)


@section
class TestFile:
    """A whole file."""

    rule_files: tuple[str, ...] = ()
    evaluation_interval: Duration = Duration(0)
    group_eval_order: tuple[str, ...] = ()
    tests: tuple[TestCase, ...] = ()
    fuzzy_compare: bool = False


def section_type(path: str) -> str:
    """Prometheus' name for the section that a key stands in."""
    keys = [step.lstrip(".") for step in _STEP.findall(path) if not step.startswith("[")]
    return _TYPES.get(keys[-2], "main.testGroup") if len(keys) > 1 else "main.unitTestFile"
