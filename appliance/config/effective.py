"""Where each value of a configuration comes from: a line of a file, the environment, a flag."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from appliance.config.schema import KeyOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.config.load import Decoded

#: What layers call the sources of what they lay over the file; see `layers.py`.
_ENVIRONMENT, _FLAG = "env ", "--set "


def origins_of(decoded: Decoded[Any]) -> dict[str, str]:
    """By dotted name: `FILE:LINE`, `environment NAME`, or `command line`; defaults are left out."""
    if decoded.value is None:
        return {}
    return dict(_walk(decoded, decoded.value, ""))


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
