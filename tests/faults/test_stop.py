"""SIGTERM under load: the server stops at once and cleanly, and keeps what it acknowledged."""

from __future__ import annotations

import random
import time
from pathlib import Path

from appliance.testing import Appliance
from tests.faults.acknowledged import BUSY_SEALING, LISTENERS, check
from tests.faults.senders import ROUND, Sender, start_senders


def stop_under_load(data: Path, args: tuple[str, ...], turn: int) -> dict[str, Sender]:
    """One round: senders, SIGTERM; the log must say nothing but that it stops."""
    server = Appliance(data, only=LISTENERS, args=args).start()
    senders = start_senders(server, turn * ROUND)
    time.sleep(0.4)  # some load first
    began = time.monotonic()
    assert server.stop() == 0, server.tail()
    assert time.monotonic() - began < 5
    for sender in senders.values():
        sender.join()
        assert sender.acknowledged
    return senders


def test_sigterm_under_load_keeps_everything_acknowledged(tmp_path: Path) -> None:
    data, chosen = tmp_path / "data", random.Random(1)
    rounds = [stop_under_load(data, args, turn) for turn, args in enumerate(((), BUSY_SEALING))]
    with Appliance(data, only=LISTENERS) as server:
        for senders in rounds:
            check(server, senders, chosen)
        log = server.log.read_text()
    assert "Traceback" not in log
    assert "ERROR" not in log, log
