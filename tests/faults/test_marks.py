"""kill -9 of a reader that keeps its position with its lines: each line is there exactly once."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from appliance.store.directory import find_damage
from tests.faults.marking_child import MARK, is_odd, open_child
from tests.store.logs.build import MAX_NS, equal, texts

KILLS = 4


def test_kills_neither_lose_nor_repeat_lines(tmp_path: Path) -> None:
    chosen = random.Random(1)
    path = tmp_path / "logs.db"
    told = 0
    for run in range(KILLS):
        command = [sys.executable, "-m", "tests.faults.marking_child", str(path), str(run)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for _ in range(chosen.randint(20, 60)):
                told = int(child.stdout.readline())
            child.kill()
            rest = child.stdout.read().split()
        told = int(rest[-1]) if rest else told
        assert find_damage(path) is None
    store = open_child(path)
    at = int(store.marks(MARK)[MARK])
    assert at >= told > KILLS * 20
    assert sorted(map(int, texts(store, equal("app", "kept")))) == list(range(at))
    store.delete("t", (equal("app", "deleted"),), 0, MAX_NS, choose=is_odd)
    assert sorted(map(int, texts(store, equal("app", "deleted")))) == list(range(0, at, 2))
    store.close()
