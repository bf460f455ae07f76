"""Templates in the labels and annotations of alerting rules (Prometheus, template/template.go)."""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.gotemplate.template import TemplateSet
from appliance.gotemplate.values import StringMap, Struct
from appliance.rules.template_functions import FUNCTION_NAMES, functions_at, shown_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels
    from appliance.model.value import QueryResult

_log = logging.getLogger(__name__)
#: Failures that are remembered; messages may name values, which change.
_MOST_TOLD = 1000

#: Stands before every template, as in Prometheus; columns in messages count it.
_DEFINITIONS = (
    "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}"
    "{{$externalURL := .ExternalURL}}{{$value := .Value}}"
)
_DATA_TYPE = (
    "struct { Labels map[string]string; ExternalLabels map[string]string;"
    " ExternalURL string; Value interface {} }"
)


@functools.lru_cache(maxsize=16384)
def parsed(name: str, text: str) -> TemplateSet:
    """The template of a rule's label or annotation.

    Args:
        name: The alert's.

    Raises:
        BadInput: In Go's words, `template: __alert_NAME:1: …`.
    """
    found = TemplateSet(FUNCTION_NAMES)
    found.add(f"__alert_{name}", _DEFINITIONS + text)
    return found


@dataclass(frozen=True, slots=True)
class RuleTemplates:
    """Expands templates; a `rule_state.Templates`.

    Attributes:
        query: The value of an expression at a time in milliseconds.

    A failure is logged once, not at every evaluation: it stands in the alert as long as it lasts.
    """

    external_labels: Callable[[], Mapping[str, str]]
    external_url: str
    query: Callable[[str, int], QueryResult]
    _told: set[tuple[str, str]] = field(default_factory=set)

    def expand(
        self, name: str, text: str, *, labels: Labels, value: float | Histogram, at_ms: int
    ) -> str:
        """The text; what cannot be expanded becomes an error message in its place."""
        if "{{" not in text:
            return text
        step = "parsing"
        try:
            template = parsed(name, text)
            step = "executing"
            data = {
                "Labels": StringMap(labels),
                "ExternalLabels": StringMap(self.external_labels()),
                "ExternalURL": self.external_url,
                "Value": shown_value(value),
            }
            functions = functions_at(at_ms, self.external_url, self.query)
            return template.execute(f"__alert_{name}", Struct(_DATA_TYPE, data), functions)
        except BadInput as error:
            message = f"error {step} template __alert_{name}: {error.message}"
            self._tell(name, message)
            return f"<error expanding template: {message}>"

    def _tell(self, name: str, message: str) -> None:
        if (name, message) in self._told:
            return
        if len(self._told) >= _MOST_TOLD:
            self._told.clear()
        self._told.add((name, message))
        _log.warning("expanding a template of alert %s failed: %s", name, message)
