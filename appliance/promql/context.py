"""What an evaluation knows beside the expression: times, source, bounds, remarks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from appliance.model.sources import Guard, SeriesSource
    from appliance.promql.annotations import Remarks

#: Feature flags of Prometheus that change queries, by its names.
DELAYED_NAME_REMOVAL = "promql-delayed-name-removal"
EXPERIMENTAL_FUNCTIONS = "promql-experimental-functions"
DURATION_EXPRESSIONS = "promql-duration-expr"
EXTENDED_SELECTORS = "promql-extended-range-selectors"
FILL_MODIFIERS = "promql-binop-fill-modifiers"
START_TIMESTAMPS = "use-start-timestamps"
#: On unless the configuration says otherwise.
ALL_FEATURES = frozenset(
    [
        DELAYED_NAME_REMOVAL,
        EXPERIMENTAL_FUNCTIONS,
        DURATION_EXPRESSIONS,
        EXTENDED_SELECTORS,
        FILL_MODIFIERS,
        START_TIMESTAMPS,
    ]
)


@dataclass(slots=True)
class SampleCounts:
    """Samples that a query looked at (`stats=all`): in all, by step, and at most at a time."""

    total: int = 0
    per_step: NDArray[np.int64] | None = None
    peak: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """One evaluation.

    Attributes:
        steps_ms: int64[step], ascending, the times at which values are wanted.
        query_start_ms, query_end_ms, query_step_ms: Of the whole query, also inside subqueries;
            the step of an instant query is 0 and its end equals its start.
        lookback_ms: How old a sample of an instant selector may be.
        subquery_step_ms: Resolution of subqueries that name none.
    """

    steps_ms: NDArray[np.int64]
    query_start_ms: int
    query_end_ms: int
    query_step_ms: int
    lookback_ms: int
    source: SeriesSource
    guard: Guard
    remarks: Remarks
    features: frozenset[str] = ALL_FEATURES
    subquery_step_ms: int = 60_000
    counts: SampleCounts = field(default_factory=SampleCounts)

    @property
    def delays_names(self) -> bool:
        """Whether metric names are dropped at the end, not by each function."""
        return DELAYED_NAME_REMOVAL in self.features

    def at(self, steps_ms: NDArray[np.int64]) -> Context:
        """The same evaluation at other times."""
        return replace(self, steps_ms=steps_ms)
