"""Deletes what has been asked for until it kills itself, right after one of the steps.

`python -m tests.faults.erasing_child FILE STEP`
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from appliance.ingest.log_deletion import LogDeleter
from appliance.store import erasure
from appliance.store.logs import deletion
from appliance.store.logs.deletion import Eraser
from appliance.store.logs.seal import Compactor
from tests.store.logs.build import open_store

STEPS: dict[str, tuple[Any, str]] = {
    "unsealed entries sealed": (Compactor, "seal_streams"),
    "some chunks written anew": (Eraser, "_apply"),
    "taken out of the inbox": (deletion, "take_out"),
    "free pages dropped": (erasure, "_drop_free_pages"),
    "all erased": (deletion, "erase_remains"),
}


def main() -> None:
    place, name = STEPS[sys.argv[2]]
    real = getattr(place, name)

    def step(*args: Any) -> None:
        real(*args)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(place, name, step)
    asyncio.run(LogDeleter(open_store(Path(sys.argv[1]).parent)).work())


if __name__ == "__main__":
    main()
