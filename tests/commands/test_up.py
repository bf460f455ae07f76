"""Options of `appliance up` become settings; failures have their exit codes."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from appliance.api.ports import open_socket
from appliance.commands.up import as_flags, up
from appliance.testing import Appliance


def parse(*args: str) -> dict[str, str]:
    context = up.make_context("up", list(args))
    return as_flags(context.params)


def test_options_become_dotted_settings() -> None:
    assert parse(
        "-c", "a.yml", "--data", "d", "--ephemeral", "--only", "loki,ui", "--listen", "ui=0",
        "--listen", "loki=0.0.0.0:31", "--port-offset", "5", "--host", "::1",
        "--set", "log.level=debug",
        "--prometheus-config", "p.yml", "--storage.tsdb.retention.time", "7d",
    ) == {
        "config": "a.yml", "data": "d", "ephemeral": "true", "listen.only": "loki,ui",
        "listen.ui": "0", "listen.loki": "0.0.0.0:31", "listen.port_offset": "5",
        "listen.host": "::1", "log.level": "debug", "prometheus.config": "p.yml",
        "retention.metrics": "7d",
    }  # fmt: skip


def start(*args: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "appliance", "up", "--set", "listen.free_ports=true", *args]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("--set", "log.levle=x"), "level"),
        (("--only", "nothing"), "nothing"),
        (("--host", "0.0.0.0", "--ephemeral"), "--insecure-no-auth"),
        (("--prometheus-config", "no.yml", "--ephemeral", "--only", "tempo"), "no.yml"),
    ],
)  # fmt: skip
def test_wrong_settings_end_with_2(args: tuple[str, ...], text: str) -> None:
    code, output = start(*args)
    assert code == 2, output
    assert text in output
    assert "Traceback" not in output


def test_busy_port_ends_with_3(tmp_path: Path) -> None:
    with open_socket("loki", "127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        args = ("--data", str(tmp_path), "--only", "loki", "--listen", f"loki={port}")
        code, output = start(*args, "--set", "listen.free_ports=false")
    assert code == 3
    assert f"port {port} of listener 'loki' is in use" in output
    assert "Traceback" not in output


def test_locked_data_directory_ends_with_4(tmp_path: Path) -> None:
    from appliance.base.clock import SystemClock
    from appliance.store.directory import DataDirectory

    directory = DataDirectory(tmp_path, SystemClock())
    code, output = start("--data", str(tmp_path), "--only", "loki", "--listen", "loki=0")
    directory.close()
    assert code == 4
    assert "--data" in output
    assert "Traceback" not in output


def test_broken_alertmanager_file_ends_with_2(tmp_path: Path) -> None:
    file = tmp_path / "alertmanager.yml"
    file.write_text("route: {receiver: nobody}\nreceivers: []\n")
    code, output = start("--ephemeral", "--alertmanager-config", str(file))
    assert code == 2
    assert f"{file}:1:" in output
    assert "Traceback" not in output


def test_listeners_may_be_named_with_commas(tmp_path: Path) -> None:
    with Appliance(tmp_path, only=["tempo", "alertmanager"]) as server:
        assert set(server.urls) == {"tempo", "alertmanager"}


def test_standard_output_need_not_be_readable(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "appliance", "up", "--data", str(tmp_path), "--only", "tempo"]
    command += ["--set", "listen.free_ports=true"]
    with Path("/dev/full").open("w") as full:
        process = subprocess.Popen(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "standard output cannot be written to" in process.stderr.readline()
    process.terminate()
    _, rest = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "Exception" not in rest


def test_the_pages_open_in_the_browser_of_the_user(tmp_path: Path) -> None:
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}.new && mv {opened}.new {opened}\n')
    browser.chmod(0o755)
    env = {"BROWSER": f"{browser} %s"}
    with Appliance(tmp_path / "data", args=["--open"], only=["ui"], env=env) as server:
        until = time.monotonic() + 10
        while not opened.exists():
            assert time.monotonic() < until
        assert opened.read_text() == server.urls["ui"]
