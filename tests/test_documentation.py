"""Documentation is complete: every setting and subcommand is in docs/reference."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from appliance.cli import _COMMANDS
from appliance.commands.up import up
from appliance.settings import Address, Settings

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"


def settings_of(section: Any, prefix: str = "") -> Iterator[str]:
    for field in dataclasses.fields(section):
        value = getattr(section, field.name)
        options = field.metadata.get("options")
        if options is not None and options.hidden:
            continue
        if dataclasses.is_dataclass(value) and not isinstance(value, Address):
            yield from settings_of(value, f"{prefix}{field.name}.")
        else:
            yield prefix + field.name


def test_every_setting_is_documented() -> None:
    text = (REFERENCE / "settings.md").read_text()
    assert [name for name in settings_of(Settings()) if f"`{name}`" not in text] == []


def test_every_command_and_option_of_up_is_documented() -> None:
    text = (REFERENCE / "cli.md").read_text()
    assert [name for name in _COMMANDS if f"`appliance {name}" not in text] == []
    options = [option for parameter in up.params for option in parameter.opts]
    assert [option for option in options if option not in text] == []
