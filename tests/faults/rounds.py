"""How often the tests that kill servers again and again do so."""

from __future__ import annotations

import os


def chosen_rounds(usual: int) -> int:
    """Half as often in CI; as often as `APPLIANCE_KILL_ROUNDS` says where it is set."""
    if wanted := os.environ.get("APPLIANCE_KILL_ROUNDS"):
        return int(wanted)
    return usual // 2 if os.environ.get("CI") else usual
