"""Commands of how-to guides do what the pages say, against a real server."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.api.listeners import LISTENERS
from appliance.testing import Appliance

HOW_TO = Path(__file__).parents[1] / "docs" / "how-to"
PAGES = [
    "replace-prometheus.md", "push-metrics.md", "query-metrics.md", "query-logs.md",
    "query-traces.md",
]  # fmt: skip
RUNNABLE = re.compile(
    r"curl |echo |printf |appliance (query|logs|import|export|tsdb) |promtool query "
)
#: Which listener a command asks, unless it is Prometheus'.
ASKED = {"query logql": "loki", "logs": "loki", "query traceql": "tempo"}
#: Needs what a test machine does not have.
ELSEWHERE = {"appliance import openmetrics history.om"}


@pytest.fixture(scope="module")
def server() -> Iterator[Appliance]:
    """A server with the demo's history."""
    with Appliance() as started:
        command = [sys.executable, "-m", "appliance", "demo", "--once", "--backfill", "2"]
        places = ["--otlp", started.urls["otlp_http"], "--loki", started.urls["loki"]]
        subprocess.run([*command, *places], check=True, capture_output=True)
        yield started


def commands_of(page: str) -> list[str]:
    text = (HOW_TO / page).read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line for line in lines if RUNNABLE.match(line) and line not in ELSEWHERE]


def adapted(line: str, server: Appliance) -> str:
    """The command with this server's addresses and this program."""
    usual = {f"http://127.0.0.1:{row.port}": server.urls.get(row.name, "") for row in LISTENERS}
    if match := re.search(rf"\bappliance ({'|'.join(ASKED)}|)", line):
        address = server.urls[ASKED.get(match[1], "prometheus")]
        program = f"{shlex.quote(sys.executable)} -m appliance "
        return f"{line.replace('appliance ', program, 1)} --addr {address}"
    line = re.sub(r"http://127\.0\.0\.1:\d+", lambda match: usual[match[0]], line)
    return line.replace("curl ", "curl -sSf ")


@pytest.mark.parametrize("page", PAGES)
def test_commands_work(page: str, server: Appliance, tmp_path: Path) -> None:
    """In their order; none fails, none finds nothing."""
    commands = commands_of(page)
    assert len(commands) >= 4
    for line in commands:
        if line.startswith("promtool") and shutil.which("promtool") is None:
            continue
        command = ["bash", "-o", "pipefail", "-c", adapted(line, server)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        assert not re.search(r'"(result|traces|series|tagValues)":\[\]', done.stdout), line
        is_query = line.startswith(("appliance query", "promtool query"))
        assert done.stdout.strip() or not is_query, line
