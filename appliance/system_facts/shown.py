"""What the APIs tell of the settings in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.api.prometheus.deps import RuntimeFacts
from appliance.base.duration import print_duration
from appliance.config.masked import flat_settings, mask_yaml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from appliance.settings.root import Settings
    from appliance.system_facts.reloads import Reloads


class ShownSettings:
    """Settings as texts, without secrets.

    Args:
        settings: In use.
        data: The data directory.
        started_ms: When the server started.
    """

    def __init__(
        self,
        settings: Callable[[], Settings],
        data: Path,
        reloads: Reloads,
        *,
        started_ms: int,
    ) -> None:
        self._settings = settings
        self._data = data
        self._reloads = reloads
        self._started_ms = started_ms

    def prometheus_yaml(self) -> str:
        """`prometheus.yml`; empty where there is none."""
        path = self._settings().prometheus.config
        return "" if path is None else mask_yaml(path.read_text(errors="replace"))

    def loki_yaml(self) -> str:
        """What Loki's configuration would be."""
        from appliance.loki_config import loki_yaml  # noqa: PLC0415 - only when it is asked for

        return loki_yaml(self._settings(), str(self._data.absolute()))

    def loki_limits(self, tenant: str) -> dict[str, object]:
        """Limits of a tenant by Loki's names."""
        from appliance.loki_config import tenant_limits  # noqa: PLC0415 - only when asked for

        return tenant_limits(self._settings(), tenant)

    def flags(self) -> dict[str, str]:
        """Settings by dotted name."""
        return flat_settings(self._settings())

    def facts(self) -> RuntimeFacts:
        """What runtimeinfo tells."""
        retention = self._settings().retention
        age, size = print_duration(int(retention.metrics)), int(retention.max_bytes.total)
        return RuntimeFacts(
            started_ms=self._started_ms,
            directory=str(self._data.absolute()),
            retention=f"{age} or {size >> 30}GiB",
            reload_worked=self._reloads.worked,
            reloaded_ms=self._reloads.at_ms,
        )
