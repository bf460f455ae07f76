"""Which rules of a group can be evaluated together: those that do not read others' results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.promql.ast import METRIC_NAME
from appliance.promql.selectors import selectors_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.promql.ast import Expr

#: What alerting rules write.
ALERT_SERIES = frozenset(["ALERTS", "ALERTS_FOR_STATE"])


def stages(rules: Sequence[tuple[frozenset[str], Expr | None]]) -> list[list[int]]:
    """Indexes of rules, in stages: a rule comes after the earlier ones whose results it may read.

    Args:
        rules: (names of the series it writes, its expression); without one it reads nothing.
    """
    stage_of: list[int] = []
    for number, (_, expr) in enumerate(rules):
        earlier = [
            stage_of[before] + 1 for before in range(number) if _may_read(expr, rules[before][0])
        ]
        stage_of.append(max(earlier, default=0))
    found: list[list[int]] = [[] for _ in range(max(stage_of, default=-1) + 1)]
    for number, stage in enumerate(stage_of):
        found[stage].append(number)
    return found


def _may_read(expr: Expr | None, names: frozenset[str]) -> bool:
    """Whether a selector of the expression may select a series of one of these names."""
    if expr is None:
        return False
    for selector in selectors_of(expr):
        conditions = [m for m in selector.matchers if m.name == METRIC_NAME]
        if any(all(matcher.matches(name) for matcher in conditions) for name in names):
            return True
    return False
