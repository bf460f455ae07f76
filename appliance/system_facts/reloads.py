"""How the last reload went: for metrics, notifications, and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.notifications import RELOAD_FAILED

if TYPE_CHECKING:
    from appliance.base.clock import Clock
    from appliance.base.notifications import Notifications
    from appliance.base.telemetry import Telemetry


class Reloads:
    """Starts as if the configuration had just been read, which it has.

    Attributes:
        worked: Whether the last one did, or is done yet.
        at_ms: When the configuration in use was read.
        error: Of the last one; empty when it worked.
    """

    def __init__(self, clock: Clock, telemetry: Telemetry, notifications: Notifications) -> None:
        self._clock = clock
        self._notifications = notifications
        self.error = ""
        self._gauge = telemetry.gauge(
            "appliance_config_last_reload_successful", "Whether the last reload worked."
        )
        self._at = telemetry.gauge(
            "appliance_config_last_reload_success_timestamp_seconds",
            "Time of the last good reload.",
        )
        for name in ("prometheus", "alertmanager"):  # as rules for those ask for it
            telemetry.gauge(
                f"{name}_config_last_reload_successful", "Whether the last reload worked."
            ).set_function(lambda: float(self.worked))
            telemetry.gauge(
                f"{name}_config_last_reload_success_timestamp_seconds",
                "Time of the last good reload.",
            ).set_function(lambda: self.at_ms / 1000)
        self.at_ms = 0
        self.succeed()

    def begin(self) -> None:
        """One has begun; until it succeeds it has not worked."""
        self._set(worked=False)

    def fail(self, error: str) -> None:
        """It was refused."""
        self.error = error

    def succeed(self) -> None:
        """What was read is in use."""
        self._set(worked=True)
        self.error = ""
        self.at_ms = self._clock.now_ms()
        self._at.set(self.at_ms / 1000)

    def _set(self, *, worked: bool) -> None:
        self.worked = worked
        self._notifications.set(RELOAD_FAILED, active=not worked)
        self._gauge.set(worked)
