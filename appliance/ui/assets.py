"""Built front-end files: from the names that templates use to the hashed names that are served.

Invariant: only files named in `manifest.json`'s folder are served, and never one whose name holds
a path separator. Without a build the pages work and say how to get one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Where the build hook writes to (`hatch_build.py`).
STATIC = Path(__file__).parent / "static"
#: How to get the assets when they are missing.
BUILD_COMMAND = "cd web && npm ci && npm run build"

#: What a browser must be told about each kind of file.
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


class Assets:
    """The files of one build.

    Args:
        folder: What the build wrote.
    """

    def __init__(self, folder: Path = STATIC) -> None:
        self._folder = folder
        self._stamp = 0
        self._files: Mapping[str, str] = {}

    @property
    def is_built(self) -> bool:
        """Whether there is a build. Looks again at each call, so a build is found while running."""
        try:
            stamp = (self._folder / "manifest.json").stat().st_mtime_ns
        except OSError:
            return False
        if stamp != self._stamp:
            self._files = orjson.loads((self._folder / "manifest.json").read_bytes())["files"]
            self._stamp = stamp
        return True

    def url(self, name: str) -> str:
        """Path of a file (`main.js`, `style.css`, …) below the site's root; empty if not built."""
        file = self._files.get(name) if self.is_built else None
        return f"/static/{file}" if file else ""

    def open(self, name: str) -> tuple[bytes, str, bool] | None:
        """Content and type of a served file, and whether it may be kept for ever.

        Names with a hash never change their content. None when there is no such file.
        """
        kind = _TYPES.get(Path(name).suffix)
        path = self._folder / name
        if kind is None or Path(name).name != name or not path.is_file():
            return None
        return path.read_bytes(), kind, name != "THIRD_PARTY.txt"
