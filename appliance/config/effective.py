"""Values of a configuration as people write them, and where each comes from."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import TYPE_CHECKING, Any

from appliance.config.scalars import ByteSize
from appliance.config.schema import KeyOptions
from appliance.config.secret import mask_url_passwords

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.config.load import Decoded

#: What layers call the sources of what they lay over the file; see `layers.py`.
_ENVIRONMENT, _FLAG = "env ", "--set "
_UNITS = {1 << 10: "KiB", 1 << 20: "MiB", 1 << 30: "GiB", 1 << 40: "TiB"}


def origins_of(decoded: Decoded[Any]) -> dict[str, str]:
    """By dotted name: `FILE:LINE`, `environment NAME`, or `command line`; defaults are left out."""
    if decoded.value is None:
        return {}
    return dict(_walk(decoded, decoded.value, ""))


def shown_value(value: Any) -> str:
    """A value as it could stand in the file; empty for nothing."""
    if value is None or isinstance(value, bool | Enum | ByteSize):
        return _scalar(value)
    if isinstance(value, tuple | list):
        return ", ".join(map(shown_value, value))
    if isinstance(value, dict):
        return ", ".join(f"{name}: {shown_value(inner)}" for name, inner in value.items())
    if dataclasses.is_dataclass(value) and not hasattr(value, "from_text"):
        names = (field.name for field in dataclasses.fields(value))
        parts = ((name, shown_value(getattr(value, name))) for name in names)
        return "{" + ", ".join(f"{name}: {text}" for name, text in parts if text) + "}"
    return mask_url_passwords(str(value))


def _scalar(value: object) -> str:
    if isinstance(value, ByteSize):
        unit = max((one for one in _UNITS if value % one == 0), default=1)
        return f"{value // unit}{_UNITS.get(unit, '')}" if value else "0"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value.value) if isinstance(value, Enum) else ""


def _walk(decoded: Decoded[Any], section: Any, prefix: str) -> Iterator[tuple[str, str]]:
    for field in dataclasses.fields(section):
        options: KeyOptions = field.metadata.get("options", KeyOptions())
        value = getattr(section, field.name)
        name = options.name or field.name
        if options.hidden:
            continue
        if dataclasses.is_dataclass(value) and not hasattr(value, "from_text"):
            yield from _walk(decoded, value, f"{prefix}{field.name}.")
        elif decoded.report.is_written(section, name):
            file, line, _ = decoded.origin(section, name)
            yield prefix + field.name, _shown(file, line)


def _shown(file: str, line: int) -> str:
    if file.startswith(_ENVIRONMENT):
        return f"environment {file.removeprefix(_ENVIRONMENT)}"
    if file.startswith(_FLAG):
        return "command line"
    return f"{file}:{line}"
