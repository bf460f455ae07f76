"""Templates of alerting rules over a handful of samples, for `bench.template_batch`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.base.clock import SystemClock
from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.query.limits import QueryLimits
from appliance.rules.queries import Queries
from appliance.rules.rule_state import samples_of
from appliance.rules.templates import RuleTemplates
from appliance.rules.unit_test.notation import parse_series
from appliance.rules.unit_test.source import TestSource

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCRAPED = {"job": "demo", "instance": "demo:1"}
_ERROR = "<error expanding template: "


class Rules:
    """Expands templates about the samples of an exposition text.

    Args:
        metrics: The text; the labels of a scrape are added.
    """

    def __init__(self, metrics: str) -> None:
        clock = SystemClock()
        self._at_ms = clock.now_ms()
        source = TestSource()
        for line in metrics.splitlines():
            if not line or line.startswith("#"):
                continue
            series, _, value = line.rpartition(" ")
            labels, _ = parse_series(f"{series} 0")
            source.put(Labels.of({**dict(labels), **_SCRAPED}), self._at_ms, float(value))
        source.until_ms = self._at_ms
        self._queries = Queries(lambda: source, clock, QueryLimits())

    def expanded(self, case: Mapping[str, Any]) -> str:
        """The template of a case for the first sample of its expression.

        Raises:
            BadInput: As the message within the annotation says.
        """
        labels, value = samples_of(self._queries.ask(case["expr"], self._at_ms))[0]
        templates = RuleTemplates(
            lambda: case["external_labels"], case["external_url"], self._queries.ask
        )
        text = templates.expand(
            case["id"], case["template"], labels=labels, value=value, at_ms=self._at_ms
        )
        if text.startswith(_ERROR):
            raise BadInput(text)
        return text
