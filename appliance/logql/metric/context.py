"""What all parts of one metric query share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.logql.metric.steps import Steps
    from appliance.logql.request import Request
    from appliance.model.sources import Guard, LogSource


@dataclass(frozen=True, slots=True)
class Context:
    """Where samples come from, and at which times points are wanted."""

    source: LogSource
    request: Request
    guard: Guard
    steps: Steps
