"""Alerts of a rule, read by other threads."""

from __future__ import annotations

import sys
import threading

from appliance.model.labels import Labels
from appliance.rules.alert import Alerts, AlertState


def test_alerts_can_be_read_while_another_thread_changes_them() -> None:
    alerts = Alerts(0, 0)
    alerts.update({Labels.of({"n": str(number)}): (1.0, {}) for number in range(20_000)}, 1000)
    is_over = threading.Event()

    def change() -> None:
        number = 20_000
        while not is_over.is_set():
            number += 1
            alerts.update({Labels.of({"n": str(number)}): (1.0, {})}, 1000 + number)
            alerts.clear()
            alerts.update({Labels.of({"n": str(one)}): (1.0, {}) for one in range(200)}, 1000)

    thread = threading.Thread(target=change)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    thread.start()
    try:
        for _ in range(500):
            assert alerts.state in AlertState
            assert len(alerts.active) <= 20_001
    finally:
        is_over.set()
        thread.join()
        sys.setswitchinterval(interval)
