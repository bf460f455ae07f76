"""absent, and the labels that absent functions give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.model.labels import Labels
from appliance.model.matcher import MatchOp
from appliance.promql.ast import METRIC_NAME, Expr, MatrixSelector, VectorSelector
from appliance.promql.frame import Frame
from appliance.promql.functions.floats import frame_of
from appliance.promql.invariant import unwrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.model.matcher import Matcher
    from appliance.promql.ast import Call
    from appliance.promql.context import Context
    from appliance.promql.frame import Value


def absent_labels(argument: Expr) -> Labels:
    """Labels that a selector's `=` matchers name, each by one matcher only.

    A label that has another matcher beside is left out; of what is no selector there are none.
    """
    selector = unwrapped(argument)
    if isinstance(selector, MatrixSelector):
        selector = selector.vector
    if not isinstance(selector, VectorSelector):
        return Labels()
    found: dict[str, str] = {}
    seen: set[str] = set()
    for matcher in _intersecting_first(selector.matchers):
        if matcher.name == METRIC_NAME:
            continue
        if matcher.op is MatchOp.EQUAL and matcher.name not in seen:
            found[matcher.name] = matcher.value
            seen.add(matcher.name)
        else:
            found.pop(matcher.name, None)
    return Labels.of(found)


def _intersecting_first(matchers: Sequence[Matcher]) -> Sequence[Matcher]:
    """Matchers in the order in which Prometheus' storage leaves them: those that exclude last."""
    required = {matcher.name for matcher in matchers if not matcher.matches("")}
    negative = {MatchOp.NOT_EQUAL, MatchOp.NOT_REGEX}
    return sorted(
        matchers,
        key=lambda matcher: (
            matcher.name not in required or (matcher.op in negative and matcher.matches(""))
        ),
    )


def _absent(call: Call, values: Sequence[Value], _context: Context) -> Frame:
    """1 at steps where the vector is empty."""
    present = frame_of(values[0]).present
    is_missing: NDArray[np.bool_] = ~np.any(present, axis=0, keepdims=True)
    return Frame([absent_labels(call.args[0])], np.ones(is_missing.shape), is_missing).pruned()


IMPLEMENTATIONS: Mapping[str, Callable[[Call, Sequence[Value], Context], Value]] = {
    "absent": _absent
}
