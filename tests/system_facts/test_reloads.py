from __future__ import annotations

from appliance.base.clock import ManualClock
from appliance.base.notifications import RELOAD_FAILED, Notifications
from appliance.base.telemetry import Telemetry
from appliance.system_facts.reloads import Reloads


def test_metrics_and_notifications_follow_the_last_reload() -> None:
    clock, telemetry = ManualClock(), Telemetry()
    notifications = Notifications(clock)
    reloads = Reloads(clock, telemetry, notifications)

    def value(name: str) -> float | None:
        return telemetry.registry.get_sample_value(name)

    def told() -> list[str]:
        return [one.text for one in notifications.active()]

    first_ms = reloads.at_ms
    assert (reloads.worked, first_ms, told()) == (True, clock.now_ms(), [])
    reloads.begin()
    reloads.fail("appliance.yml:1:1: no")
    assert (reloads.worked, reloads.error) == (False, "appliance.yml:1:1: no")
    assert told() == [RELOAD_FAILED]
    for name in ("appliance", "prometheus", "alertmanager"):
        assert value(f"{name}_config_last_reload_successful") == 0
        stamp = value(f"{name}_config_last_reload_success_timestamp_seconds")
        assert stamp == first_ms / 1000
    reloads.begin()
    reloads.succeed()
    assert (reloads.worked, reloads.error, told()) == (True, "", [])
    assert value("prometheus_config_last_reload_successful") == 1
