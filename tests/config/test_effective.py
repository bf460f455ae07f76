from __future__ import annotations

from pathlib import Path

from appliance.config.masked import flat_settings
from appliance.settings.root import load


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
