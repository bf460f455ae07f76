"""Settings of what stands in for Alertmanager."""

from __future__ import annotations

from pathlib import Path

from appliance.config.scalars import ByteSize, Duration, Uint, Url
from appliance.config.schema import key, section

_HOUR = 3_600_000


@section
class AlertmanagerSettings:
    """`alertmanager.yml`, unmodified, and what Alertmanager has flags for.

    Attributes:
        forward_to: Other Alertmanagers (base URLs) that are told all that comes in, too.
        data_retention: `--data.retention`: how long expired silences and entries of the
            notification log are kept.
        alerts_gc_interval: `--alerts.gc-interval`: how often resolved alerts are forgotten.
        per_alertname_limit: `--alerts.per-alertname-limit`: alerts of one name; 0 is no limit.
        max_alerts: All alerts; more are refused.
        max_silences, max_silence_size: `--silences.*`; 0 is no limit.
        send_resolved_when_silenced: Tell receivers that were told of an alert that it is over,
            though it has been silenced in the meantime.
    """

    config: Path | None = None
    forward_to: tuple[Url, ...] = key(default=(), single=True)
    data_retention: Duration = Duration(120 * _HOUR)
    alerts_gc_interval: Duration = Duration(_HOUR // 2)
    per_alertname_limit: Uint = Uint(0)
    max_alerts: Uint = Uint(200_000)
    max_silences: Uint = Uint(0)
    max_silence_size: ByteSize = ByteSize(0)
    send_resolved_when_silenced: bool = False
