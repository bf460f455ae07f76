"""Start-up time, idle memory, `appliance --help`; medians of several runs."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

from appliance.testing import Appliance
from bench.process import cpu_seconds, memory_bytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    chosen = parser.parse_args()
    helps = [_time_help() for _ in range(chosen.runs)]
    starts, cpus, idle = [], [], []
    for _ in range(chosen.runs):
        with Appliance() as server:
            starts.append(server.ready_seconds)
            cpus.append(cpu_seconds(server.process.pid))
            time.sleep(3)
            idle.append(memory_bytes(server.process.pid)[0])
    print(f"appliance --help            {statistics.median(helps) * 1000:8.0f} ms")
    print(f"appliance up, until ready   {statistics.median(starts):8.2f} s wall")
    print(f"                            {statistics.median(cpus):8.2f} s CPU")
    print(f"idle, all listeners, RSS    {statistics.median(idle) / 1e6:8.0f} MB")


def _time_help() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "appliance", "--help"], check=True, capture_output=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
