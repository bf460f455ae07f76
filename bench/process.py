"""CPU time and memory of another process, from /proc (Linux)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def memory_bytes(pid: int) -> tuple[int, int]:
    """Resident memory now and at its peak."""
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line
    )
    now, peak = (int(status[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
    return now, peak


@dataclass
class Row:
    """One line of the table that a benchmark prints."""

    what: str
    items: int
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    unit: str = "items"

    def print(self) -> None:
        cpu = max(self.cpu_seconds, 0.01)
        cells = [
            f"{self.what:38}",
            f"{self.items:>10,} {self.unit:8}",
            f"{self.items / self.wall_seconds:>10,.0f}/s",
            f"{self.items / cpu:>10,.0f}/CPU-s",
            f"{self.cpu_seconds:7.2f} CPU-s",
            f"{self.peak_bytes / 1e6:6.0f} MB peak",
        ]
        print(" ".join(cells), flush=True)
