from __future__ import annotations

import pytest

from appliance.model.labels import Labels
from appliance.model.value import Stream, Streams
from appliance.ui.logs.rows import level_of, rows_of


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("ERROR", "error"),
        ("Err", "error"),
        ("fatal", "critical"),
        ("WARNING", "warn"),
        ("information", "info"),
        ("dbg", "debug"),
        ("trace", "trace"),
        ("30", "info"),
        ("50", "error"),
        ("60", "critical"),
        ("70", "unknown"),
        ("5", "unknown"),
        ("", "unknown"),
    ],
)
def test_levels(text: str, level: str) -> None:
    assert level_of(text) == level


def test_rows_are_ordered_and_say_their_message_first() -> None:
    streams = Streams(
        [
            Stream(Labels.of({"job": "a"}), [(1, '{"level":50,"msg":"refused"}', (), ())]),
            Stream(
                Labels.of({"service_name": "b"}),
                [(2, "plain {", (("detected_level", "warn"),), (("x", "y"),))],
            ),
        ]
    )

    newest, oldest = rows_of(streams)

    assert (newest.service, newest.level, newest.message) == ("b", "warn", "plain {")
    assert (oldest.service, oldest.level, oldest.message) == ("a", "error", "refused")
    assert rows_of(streams, newest_first=False) == [oldest, newest]
    assert newest.as_json() == {
        "timestamp_ns": "2",
        "level": "warn",
        "service": "b",
        "line": "plain {",
        "labels": {"service_name": "b"},
        "metadata": {"detected_level": "warn"},
        "fields": {"x": "y"},
    }
