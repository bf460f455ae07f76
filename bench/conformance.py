"""Conformance scores: runs the tools of a conformance folder against a fresh server each.

    python -m bench.conformance ../shared/conformance                the fast ones
    python -m bench.conformance ../shared/conformance --all          those of later contracts, too

Exits 1 when a score is below the floor written here: a score that was reached is kept.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from appliance.testing import Appliance

_RATIO = re.compile(r"(\d+)\s*/\s*(\d+)")
_TOTAL = re.compile(r"^TOTAL\s+(\d+)\s+\d+\s+(\d+)\b(?!\.)", re.MULTILINE)
_SCENARIOS = re.compile(r"TOTAL\s+(?:scenarios\s+)?(\d+)/(\d+)")
_CASES = re.compile(r"^TOTAL\s+(?P<total>\d+)\s+(?P<equal>\d+)\s+[\d.]+%", re.MULTILINE)
LISTENERS = ("prometheus", "loki", "tempo", "jaeger", "otlp_grpc", "otlp_http", "zipkin")


#: How tools start a server of ours; they fill in what is in braces.
LAUNCH = (
    f"{sys.executable} -m appliance up --only alertmanager --listen alertmanager={{port}}"
    " --alertmanager-config {config} --data {datadir} --external-url {external_url}"
)


@dataclass(frozen=True)
class Tool:
    """One tool: its script, its arguments (with {urls}), and the score it must reach.

    Attributes:
        starts: It starts servers itself, with {launch}, or needs none.
        needs: A program; without it the tool is left out.
    """

    name: str
    script: str
    args: tuple[str, ...]
    floor: int
    fast: bool = True
    starts: bool = False
    needs: str = ""


TOOLS = (
    Tool(
        "OTLP receivers",
        "traces/otlp_contract.py",
        (
            "--otlp-http", "{otlp_http}", "--otlp-grpc", "{otlp_grpc_address}",
            "--tempo", "{tempo}",
            "--jaeger", "{jaeger}", "--prom", "{prometheus}", "--loki", "{loki}",
        ),
        floor=156,
    ),
    Tool(
        "PromQL, Prometheus' test scripts",
        "promql/promqltest.py",
        ("--url", "{prometheus}", "--isolation", "tenant"),
        floor=955,
    ),
    Tool(
        "LogQL and Loki API",
        "loki/run_golden.py",
        ("{loki}", "loki/golden_shared.json"),
        floor=721,
    ),
    Tool(
        "TraceQL, Tempo and Jaeger API",
        "traces/run_golden.py",
        (
            "traces/golden_shared.json", "--otlp-http", "{otlp_http}", "--tempo", "{tempo}",
            "--jaeger", "{jaeger}", "--prom", "{prometheus}",
        ),
        floor=596,
    ),
    Tool(
        "span metrics, service graph",
        "traces/run_golden.py",
        (
            "traces/golden_shared.json", "--generator",
            "--otlp-http", "{otlp_http}", "--prom", "{prometheus}",
        ),
        floor=11,
    ),
    Tool(
        "notification templates",
        "alertmanager/templates_check.py",
        ("--upto", "all", "--batch-cmd", f"{sys.executable} -m bench.template_batch am"),
        floor=263,
        starts=True,
    ),
    Tool(
        "templates of rules",
        "alertmanager/prom_templates_check.py",
        ("--batch-cmd", f"{sys.executable} -m bench.template_batch prom"),
        floor=148,
        starts=True,
    ),
    Tool(
        "Alertmanager, amtool as client",
        "alertmanager/amtool_check.sh",
        ("{launch}",),
        floor=64,
        needs=os.environ.get("AMTOOL", "amtool"),
        starts=True,
    ),
    Tool(
        "Alertmanager, routing and notification",
        "alertmanager/scenarios.py",
        ("--cmd", "{launch}", "--no-slow", "--jobs", "6"),
        floor=104,
        fast=False,
        starts=True,
    ),
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", help="run tools whose name contains this")
    parser.add_argument("--log", type=Path, help="write the tools' whole output here")
    chosen = parser.parse_args()
    failed = False
    for tool in TOOLS:
        if chosen.only and chosen.only not in tool.name:
            continue
        if tool.needs and shutil.which(tool.needs) is None:
            print(f"{tool.name:38} left out: there is no {tool.needs}")
        elif tool.fast or chosen.all or chosen.only:
            failed |= not run(tool, chosen.folder.resolve(), chosen.log)
    sys.exit(failed)


def run(tool: Tool, folder: Path, log: Path | None) -> bool:
    """Run one tool; true when its score is at least its floor."""
    if tool.starts:
        output = call(tool, folder, {})
    else:
        with Appliance(only=LISTENERS) as server:
            names = server.urls | {"otlp_grpc_address": server.urls["otlp_grpc"]}
            output = call(tool, folder, names)
    if log is not None:
        with log.open("a") as file:
            file.write(f"== {tool.name}\n{output}\n")
    passed, total = score(output)
    print(f"{tool.name:38} {passed:>5} / {total:<5} (floor {tool.floor})", flush=True)
    if total == 0 or passed < tool.floor:
        print(output[-4000:])
    return total > 0 and passed >= tool.floor


def call(tool: Tool, folder: Path, names: dict[str, str]) -> str:
    """What a tool prints."""
    given = {"launch": LAUNCH, **names}
    args = [item.format(**given) for item in tool.args]
    args = [str(folder / item) if item.endswith(".json") else item for item in args]
    program = ["bash"] if tool.script.endswith(".sh") else [sys.executable]
    done = subprocess.run(
        [*program, str(folder / tool.script), *args],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    return done.stdout + done.stderr


def score(output: str) -> tuple[int, int]:
    """What a tool's line `TOTAL` says, else its last `passed/total` with the largest total."""
    if (line := _CASES.search(output)) is not None:
        return int(line["equal"]), int(line["total"])
    if (line := _TOTAL.search(output)) is not None:
        return int(line[1]), int(line[2])
    if (line := _SCENARIOS.search(output)) is not None:
        return int(line[1]), int(line[2])
    found = [(int(total), int(passed)) for passed, total in _RATIO.findall(output)]
    if not found:
        return 0, 0
    total, passed = max(found)
    return passed, total


if __name__ == "__main__":
    main()
