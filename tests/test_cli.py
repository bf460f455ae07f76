"""The command line stays light and helpful."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from appliance.cli import cli

HEAVY = {"numpy", "aiohttp", "grpc", "yaml", "asyncio", "jinja2", "rich", "google.protobuf"}


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from appliance.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Run the server." in done.stdout
    assert not HEAVY & set(done.stderr.split())


def test_misspelt_command_gets_a_suggestion() -> None:
    answer = CliRunner().invoke(cli, ["chek"])
    assert answer.exit_code == 2
    assert "did you mean 'check'?" in answer.output


@pytest.mark.parametrize("command", ["up", "check", "demo", "version"])
def test_every_command_has_help(command: str) -> None:
    answer = CliRunner().invoke(cli, [command, "--help"])
    assert answer.exit_code == 0
    assert "Usage" in answer.output
