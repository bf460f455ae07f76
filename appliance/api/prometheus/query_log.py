"""The query log: a JSON line per query, where prometheus.yml's `query_log_file` says."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from appliance.base.clock import Clock

_log = logging.getLogger(__name__)
_PARAMETERS = ("query", "start", "end", "step", "time")


class QueryLog:
    """Used on the event loop only."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._path: Path | None = None

    def apply(self, path: str) -> None:
        """Write to another file; the empty string ends the log."""
        self._path = Path(path) if path else None

    def note(self, request: web.Request, given: Mapping[str, str], seconds: float) -> None:
        """Write one line; a file that cannot be written to ends the log."""
        if self._path is None:
            return
        moment = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC)
        entry = {
            "params": {name: given[name] for name in _PARAMETERS if name in given},
            "stats": {"timings": {"execTotalTime": seconds}},
            "ts": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "httpRequest": {
                "clientIP": request.remote or "",
                "method": request.method,
                "path": request.path,
            },
        }
        try:
            with self._path.open("ab") as file:
                file.write(orjson.dumps(entry) + b"\n")
        except OSError as error:
            _log.error("query log %s cannot be written to: %s", self._path, error)
            self._path = None
