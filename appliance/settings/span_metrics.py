"""Settings of the metrics that are made of spans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.config.scalars import Duration
from appliance.config.schema import section
from appliance.ingest.span_metrics.options import CallOptions, GeneratorOptions

if TYPE_CHECKING:
    from appliance.config.report import Report

_DEFAULT = GeneratorOptions()


@section
class SpanMetricsSettings:
    """Metrics made of spans; the defaults are those of Tempo's generator, but for the slack.

    Attributes:
        enabled: Whether there are any.
        dimensions: Attributes of spans or resources that become labels of the span metrics.
        buckets: Of latencies, in seconds.
        request_buckets: Of requests between services, in seconds.
        interval: Between two samples of a series.
        slack: Spans that ended longer ago than this are left out.
        wait: How long one side of a request waits for the other.
        max_series: Of one tenant.
    """

    enabled: bool = True
    dimensions: tuple[str, ...] = ()
    buckets: tuple[float, ...] = _DEFAULT.calls.bounds
    request_buckets: tuple[float, ...] = _DEFAULT.request_bounds
    interval: Duration = Duration(_DEFAULT.interval_ms)
    slack: Duration = Duration(_DEFAULT.slack_ms)
    wait: Duration = Duration(_DEFAULT.wait_ms)
    max_series: int = _DEFAULT.max_series

    def check(self, report: Report) -> None:
        """Refuse what no histogram can have, and what nothing could be done with."""
        for name in ("buckets", "request_buckets"):
            bounds = getattr(self, name)
            if not bounds or list(bounds) != sorted(set(bounds)) or bounds[0] <= 0:
                report.error(self, name, "bounds have to be positive and ascending")
        for name, least in (
            ("interval", 1000),
            ("slack", 1000),
            ("wait", 1000),
            ("max_series", 100),
        ):
            if getattr(self, name) < least:
                shown = str(least) if name == "max_series" else "1s"
                report.error(self, name, f"{getattr(self, name)} is too little; at least {shown}")
        if any(len(name) > 127 for name in self.dimensions):
            report.error(self, "dimensions", "names of more than 127 characters are not looked up")

    @property
    def options(self) -> GeneratorOptions:
        """The same as the generator takes it."""
        return GeneratorOptions(
            calls=CallOptions(self.dimensions, self.buckets),
            request_bounds=self.request_buckets,
            interval_ms=int(self.interval),
            slack_ms=int(self.slack),
            wait_ms=int(self.wait),
            max_series=self.max_series,
        )
