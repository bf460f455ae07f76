"""Settings of what stands in for Jaeger."""

from __future__ import annotations

from appliance.config.scalars import Duration
from appliance.config.schema import section


@section
class JaegerSettings:
    """What Jaeger's query service has flags for.

    Attributes:
        max_clock_skew: By how much the clocks of hosts may be corrected in its answers
            (`max_clock_skew_adjust`); 0 leaves all times as they came.
    """

    max_clock_skew: Duration = Duration(0)
