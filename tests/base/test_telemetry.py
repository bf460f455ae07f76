"""Own metrics and logging."""

from __future__ import annotations

import json
import logging
import sys

from appliance.base.telemetry import JsonFormatter, Telemetry


def test_metric_is_made_once_and_exposed() -> None:
    telemetry = Telemetry()
    telemetry.counter("appliance_test_items_total", "Items.", ("kind",)).labels("a").inc(2)
    telemetry.counter("appliance_test_items_total", "Items.", ("kind",)).labels("a").inc()
    assert b'appliance_test_items_total{kind="a"} 3.0' in telemetry.expose()


def test_two_servers_do_not_share_metrics() -> None:
    first, second = Telemetry(), Telemetry()
    first.counter("appliance_test_items_total", "Items.").inc()
    assert b"appliance_test_items_total 1.0" not in second.expose()


def test_json_log_line_carries_level_message_and_error() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "it %s", ("failed",), sys.exc_info())
    line = json.loads(JsonFormatter().format(record))
    assert (line["level"], line["msg"], line["logger"]) == ("error", "it failed", "x")
    assert "ValueError: broken" in line["error"]
