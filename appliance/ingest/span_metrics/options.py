"""How metrics are made of spans; the defaults are those of Tempo's generator, but for the slack."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CallOptions:
    """What calls are measured by.

    Attributes:
        dimensions: Attributes of the span or its resource that become labels.
        bounds: Buckets of the latency, in seconds.
    """

    dimensions: tuple[str, ...] = ()
    bounds: tuple[float, ...] = tuple(0.002 * 2**power for power in range(14))


@dataclass(frozen=True, slots=True)
class GeneratorOptions:
    """How metrics are made.

    Attributes:
        calls: Of spans.
        request_bounds: Buckets of requests between services, in seconds.
        interval_ms: Between two writes of all series.
        slack_ms: Spans that ended longer ago, or will so much later, are left out.
        wait_ms: How long one side of a request waits for the other.
        stale_ms: Series to which nothing was added for so long end.
        max_series: Of one tenant.
        max_queued: Spans that wait to be measured; later ones are left out.
    """

    calls: CallOptions = field(default_factory=CallOptions)
    request_bounds: tuple[float, ...] = tuple(0.1 * 2**power for power in range(8))
    interval_ms: int = 15_000
    slack_ms: int = 5 * 60_000
    wait_ms: int = 10_000
    stale_ms: int = 15 * 60_000
    max_series: int = 100_000
    max_queued: int = 500_000
