"""promtail's positions file (promtail, configuration, positions_config).

It is read once, so that moving here loses and repeats nothing, and kept up to date after that, so
that moving back does not either. Our own positions are marks in the store. A file that we wrote
ourselves is not read again: the store it goes with may be gone.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from appliance.base.errors import BadInput
from appliance.ingest.tail.files.mark import FileMark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.ingest.tail.config import PositionsConfig

_log = logging.getLogger(__name__)
_HEADER = (
    "# Kept by Appliance, whose own positions are in its store. promtail can go on from here.\n"
)
_CURSOR = "cursor-"


def read_positions(config: PositionsConfig) -> dict[str, str]:
    """Positions by path or cursor that promtail has left; none when it has not been here.

    Raises:
        BadInput: The file is no positions file, and `ignore_invalid_yaml` is off.
    """
    path = Path(config.filename)
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    if text.startswith(_HEADER):
        return {}
    try:
        document = yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506 - makes only texts
        found = (document or {}).get("positions") or {}
        return {str(name): str(value) for name, value in found.items()}
    except (yaml.YAMLError, AttributeError) as error:
        if config.ignore_invalid_yaml:
            return {}
        raise BadInput(f"invalid yaml positions file [{path}]: {error}") from error


def file_marks(positions: Mapping[str, str]) -> dict[str, FileMark]:
    """Positions of files as marks, by path; only the name of the file is known."""
    return {
        path: FileMark(path, 0, 0, int(value))
        for path, value in positions.items()
        if not path.startswith(_CURSOR) and value.isdecimal() and value.isascii()
    }


def cursor(positions: Mapping[str, str], name: str) -> str:
    """The position of what is no file; empty when there is none."""
    return positions.get(_CURSOR + name, "")


class PositionsFile:
    """Writes the file; a failure is logged once and does not stop anything."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = ""
        self._has_failed = False

    def write(self, files: Mapping[str, int], cursors: Mapping[str, str]) -> None:
        """Replace the file, if something has changed.

        Args:
            files: Offsets by path.
            cursors: Positions of what is no file.
        """
        values = {path: str(offset) for path, offset in files.items()}
        values |= {_CURSOR + name: value for name, value in cursors.items()}
        body = yaml.dump({"positions": values}, Dumper=yaml.CSafeDumper, default_flow_style=False)
        if body == self._written:
            return
        temporary = self._path.with_name(self._path.name + "-new")
        try:
            with open(temporary, "w", encoding="utf-8", opener=_private) as file:
                file.write(_HEADER + body)
            temporary.replace(self._path)
        except OSError as error:
            if not self._has_failed:
                _log.warning("positions are not written to %s: %s", self._path, error)
            self._has_failed = True
            return
        self._written, self._has_failed = body, False


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
