"""All functions of PromQL: a module per family, each with its own table.

IMPLEMENTATIONS get the values of their arguments, LAZY ones evaluate their arguments themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.promql.functions import (
    absent,
    changes,
    clamp,
    histogram,
    info,
    label,
    math,
    over_time,
    positions,
    rate,
    regression,
    scalar,
    sort,
    time,
    timestamp,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.promql.ast import Call, Expr
    from appliance.promql.context import Context
    from appliance.promql.frame import Value

IMPLEMENTATIONS: Mapping[str, Callable[[Call, Sequence[Value], Context], Value]] = {
    **absent.IMPLEMENTATIONS,
    **changes.IMPLEMENTATIONS,
    **clamp.IMPLEMENTATIONS,
    **histogram.IMPLEMENTATIONS,
    **label.IMPLEMENTATIONS,
    **math.IMPLEMENTATIONS,
    **over_time.IMPLEMENTATIONS,
    **positions.IMPLEMENTATIONS,
    **rate.IMPLEMENTATIONS,
    **regression.IMPLEMENTATIONS,
    **scalar.IMPLEMENTATIONS,
    **sort.IMPLEMENTATIONS,
    **time.IMPLEMENTATIONS,
}
LAZY: Mapping[str, Callable[[Call, Context, Callable[[Expr, Context], Value]], Value]] = {
    **info.LAZY,
    **timestamp.LAZY,
}
#: Functions over ranges whose result for a series needs no other series.
PER_SERIES = frozenset(
    [
        *changes.IMPLEMENTATIONS,
        *over_time.IMPLEMENTATIONS,
        *positions.IMPLEMENTATIONS,
        *rate.IMPLEMENTATIONS,
        *regression.IMPLEMENTATIONS,
    ]
) - {"absent_over_time"}
