"""Configuration held against a running server: metrics that nothing delivers."""

from __future__ import annotations

import dataclasses
import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.config.problem import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class LiveMetrics:
    """What a server has.

    Attributes:
        names: Of all metrics.
        types: By the metric's name, such as `gauge`.
    """

    names: frozenset[str]
    types: Mapping[str, str] = field(default_factory=dict)


def without_series(reads: Iterable[tuple[Problem, str]], live: LiveMetrics) -> list[Problem]:
    """Warnings about metrics that the server does not have, and about misleading names.

    Args:
        reads: The finding that would be told, and the metric's name.
    """
    found = []
    for problem, name in reads:
        if name not in live.names:
            near = difflib.get_close_matches(name, live.names, n=3, cutoff=0.6)
            hint = f"did you mean {' or '.join(near)}?" if near else "nothing is called like it"
            found.append(dataclasses.replace(problem, hint=hint))
        elif name.endswith("_total") and live.types.get(name) == "gauge":
            message = f"{name} is a gauge; by its name it is a counter"
            hint = "rename it where it is exposed: rate() and increase() would not fit it"
            found.append(
                Problem(*_place(problem), "", message, "gauge-total", Severity.WARNING, hint)
            )
    return found


def _place(problem: Problem) -> tuple[str, int, int]:
    return problem.file, problem.line, problem.column
