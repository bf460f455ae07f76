from __future__ import annotations

import pytest

from appliance.wire.otlp.metric_name import metric_name


@pytest.mark.parametrize(
    ("name", "unit", "kind", "expected"),
    [
        ("http.server.duration", "ms", "histogram", "http_server_duration_milliseconds"),
        ("system.memory.usage", "By", "gauge", "system_memory_usage_bytes"),
        ("memory_bytes", "By", "gauge", "memory_bytes"),
        ("speed", "m/s", "gauge", "speed_meters_per_second"),
        ("rate", "By/s", "gauge", "rate_bytes_per_second"),
        ("queue size", "{items}", "gauge", "queue_size"),
        ("requests", "1", "counter", "requests_total"),
        ("a.total.things", "", "counter", "a_things_total"),
        ("ratio.of.things", "1", "gauge", "of_things_ratio"),
        ("things", "1", "sum", "things"),
        ("x..double__under_", "", "gauge", "x_double_under"),
        ("2xx", "", "counter", "_2xx_total"),
        ("custom", "widgets", "gauge", "custom_widgets"),
        ("temp", "Cel", "gauge", "temp_celsius"),
        ("cpu", "%", "gauge", "cpu_percent"),
        ("job:x", "{a}/s", "gauge", "job:x_per_second"),
        ("температура", "", "gauge", ""),
        ("", "s", "gauge", ""),
    ],
)
def test_names_follow_prometheus(name: str, unit: str, kind: str, expected: str) -> None:
    assert metric_name(name, unit, kind) == expected
