"""The `dashboards` section of the settings."""

from __future__ import annotations

from pathlib import Path

from appliance.config.schema import key, section


@section
class DashboardSettings:
    """Where dashboards are.

    Attributes:
        grafana: Names of files (JSON of Grafana), also with wildcards.
        provisioning: Grafana's provisioning directory, read as it is.
    """

    grafana: tuple[str, ...] = key(default=(), single=True)
    provisioning: Path | None = None
