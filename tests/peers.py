"""Real programs of others that tests compare with, where they are there."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess


@functools.cache
def promtool3() -> str | None:
    """Promtool of Prometheus 3: what `PROMTOOL` names, else the one on PATH, if it is of that."""
    found = os.environ.get("PROMTOOL") or shutil.which("promtool")
    if found is None:
        return None
    done = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"version (\d+)\.", done.stdout + done.stderr)
    return found if version and int(version[1]) >= 3 else None
