"""The files that `scrape_failure_log_file` names: a JSON object a line for each failed scrape."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from appliance.base.clock import Clock

_log = logging.getLogger(__name__)


class FailureLogs:
    """Writes into files by name; a file that cannot be written is complained about once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._broken: set[str] = set()

    def write(self, file: str, *, job_name: str, target: str, message: str) -> None:
        """Add a line; the file is opened anew, so that it may be rotated at any time."""
        at = dt.datetime.fromtimestamp(self._clock.now_ms() / 1000, tz=dt.UTC)
        entry = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": "ERROR",
            "msg": message,
            "job_name": job_name,
            "target": target,
        }
        try:
            with Path(file).open("ab") as opened:
                opened.write(orjson.dumps(entry) + b"\n")
        except OSError as error:
            if file not in self._broken:
                self._broken.add(file)
                _log.warning("scrape_failure_log_file %s cannot be written: %s", file, error)
        else:
            self._broken.discard(file)
