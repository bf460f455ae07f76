from __future__ import annotations

from pathlib import Path

import pytest

from appliance.config.effective import shown_value
from appliance.config.masked import flat_settings
from appliance.config.scalars import ByteSize, Duration
from appliance.config.secret import Secret
from appliance.settings.retention import Ages, Tenant
from appliance.settings.root import load
from appliance.settings.ui import StatusPage


def test_every_value_has_its_origin(tmp_path: Path) -> None:
    file = tmp_path / "appliance.yml"
    file.write_text("retention:\n  metrics: 7d\n  logs: 1d\nlog: {level: debug}\n")
    settings, problems = load(
        file,
        flags={"retention.logs": "2d", "data": "elsewhere"},
        environ={"APPLIANCE__LOG__LEVEL": "warning"},
        directory=tmp_path,
    )
    assert problems == []
    assert settings.origins == {
        "retention.metrics": f"{file}:2",
        "retention.logs": "command line",
        "log.level": "environment APPLIANCE__LOG__LEVEL",
        "data": "command line",
    }
    assert set(settings.origins) <= set(flat_settings(settings))


def test_defaults_have_no_origin(tmp_path: Path) -> None:
    settings, _ = load(None, flags={}, environ={}, directory=tmp_path)
    assert settings.origins == {}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        ((), ""),
        (("a", "b"), "a, b"),
        ({}, ""),
        ({"a": (1, 2)}, "a: 1, 2"),
        (ByteSize(2 << 30), "2GiB"),
        (ByteSize(1500), "1500"),
        (ByteSize(0), "0"),
        (StatusPage.PUBLIC, "public"),
        (Secret("hunter"), "<secret>"),
        ("http://u:hunter@h/", "http://u:<secret>@h/"),
        (Tenant(retention=Ages(logs=Duration(3_600_000))), "{retention: {logs: 1h}}"),
    ],
)
def test_values_are_shown_as_they_could_be_written(value: object, text: str) -> None:
    assert shown_value(value) == text
