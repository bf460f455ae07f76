"""The servers of a side-by-side benchmark: ours and a real Prometheus, as processes."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from appliance.testing import Appliance
from bench.process import cpu_seconds, memory_bytes


@dataclass
class Server:
    """A running server.

    Attributes:
        url: Base of its HTTP API.
        data: Where its data are.
    """

    name: str
    url: str
    pid: int
    data: Path
    process: object = field(repr=False, default=None)

    def cpu(self) -> float:
        """CPU seconds so far."""
        return cpu_seconds(self.pid)

    def memory(self) -> tuple[int, int]:
        """Resident bytes: now and at most."""
        return memory_bytes(self.pid)

    def disk(self) -> int:
        """Bytes of all its files."""
        return sum(file.stat().st_size for file in self.data.rglob("*") if file.is_file())

    def stop(self) -> None:
        """End it."""
        if isinstance(self.process, subprocess.Popen):
            self.process.terminate()
            self.process.wait(60)
        elif isinstance(self.process, Appliance):
            self.process.stop()


def find_prometheus(given: str | None) -> str | None:
    """The binary: as given, `PROMETHEUS3`, or the one on the path."""
    return given or os.environ.get("PROMETHEUS3") or shutil.which("prometheus")


def start_ours(folder: Path, config: str = "", args: tuple[str, ...] = ()) -> Server:
    """Ours, with Prometheus' listener only."""
    file = folder / "ours.yml"
    file.write_text(config or "global: {}\n")
    data = folder / "ours"
    options = ["--prometheus-config", str(file), *args]
    server = Appliance(data, args=options, only=["prometheus"])
    server.start()
    return Server("appliance", server.urls["prometheus"], server.process.pid, data, server)


def start_prometheus(binary: str, folder: Path, config: str = "") -> Server:
    """The real one, with remote write on."""
    file = folder / "prometheus.yml"
    file.write_text(config or "global: {}\n")
    data = folder / "prometheus"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            binary,
            f"--config.file={file}",
            f"--storage.tsdb.path={data}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--web.enable-remote-write-receiver",
            "--web.enable-lifecycle",
            "--log.level=warn",
        ],
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url + "/-/ready", timeout=1):
                return Server("prometheus", url, process.pid, data, process)
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(f"{binary} does not get ready")


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder for one run."""
    return tempfile.TemporaryDirectory(prefix="bench-")
