"""The Alertmanagers of a side-by-side benchmark: ours and a real one, as processes."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import orjson

from appliance.testing import Appliance
from bench.peers import Server

CONFIG = """\
route:
  receiver: r
  group_by: {group_by}
  group_wait: {wait}
  group_interval: 10s
  repeat_interval: 1h
inhibit_rules:
  - {{source_matchers: [severity=critical], target_matchers: [severity=warning], equal: [cluster]}}
receivers: [{{name: r, webhook_configs: [{{url: 'http://127.0.0.1:{port}/r'}}]}}]
"""


def find_alertmanager(given: str | None) -> str | None:
    """The binary: as given, `ALERTMANAGER`, or the one on the path."""
    found = given or os.environ.get("ALERTMANAGER")
    names = ("alertmanager", "prometheus-alertmanager")
    return found or next(filter(None, map(shutil.which, names)), None)


def start_ours(folder: Path, config: str, *args: str, only: tuple[str, ...] = ()) -> Server:
    """Ours, with Alertmanager's listener, and others if they are named."""
    file = folder / "alertmanager.yml"
    file.write_text(config)
    data = folder / "ours"
    options = ["--alertmanager-config", str(file), *args]
    server = Appliance(data, args=options, only=["alertmanager", *only])
    server.start()
    assert server.process is not None
    return Server("appliance", server.urls["alertmanager"], server.process.pid, data, server)


def start_real(binary: str, folder: Path, config: str) -> Server:
    """A real one, alone in its cluster."""
    file = folder / "real.yml"
    file.write_text(config)
    data = folder / "real"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            binary,
            f"--config.file={file}",
            f"--storage.path={data}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
            "--log.level=error",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = Server("alertmanager", f"http://127.0.0.1:{port}", process.pid, data, process)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            call(server, "GET", "/-/ready")
        except OSError:
            time.sleep(0.05)
        else:
            return server
    raise SystemExit(f"{binary} does not get ready")


def call(server: Server, method: str, path: str, body: Any = None) -> bytes:
    """One request; the body of its answer.

    Args:
        body: Sent as JSON; bytes as they are.
    """
    host, _, port = server.url.removeprefix("http://").partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=120)
    data = body if isinstance(body, bytes | None) else orjson.dumps(body)
    connection.request(method, path, data, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    found = answer.read()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{server.name}: {method} {path}: {answer.status} {found[:200]!r}")
    return found
