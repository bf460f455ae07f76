"""A real server as a test fixture: starts the program, says where it listens, stops it.

Imports nothing heavy, so that a test suite that only mentions it pays nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

#: The file in the data directory that says which process serves it and where it listens.
RUNTIME_FILE = "appliance.json"


class ServerFailed(Exception):  # noqa: N818 - the house's form
    """The server ended, or was not ready in time; the text carries the end of its log."""


class Appliance:
    """A server in a process of its own, on free ports.

    Args:
        data: Data directory; a temporary one, removed at the end, when None.
        args: More arguments for `appliance up`.
        only: Listeners to open; None opens all of them.
        env: Environment variables to add.

    Attributes:
        urls: Base URL by listener name; for `otlp_grpc` it is `host:port`.
        ready_seconds: How long the start took.
    """

    def __init__(
        self,
        data: Path | None = None,
        *,
        args: Sequence[str] = (),
        only: Sequence[str] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._temporary = None if data else tempfile.TemporaryDirectory(prefix="appliance-")
        self.data = data or Path(self._temporary.name if self._temporary else "")
        self._args = list(args)
        self._only = only
        self._env = dict(env or {})
        self.log = self.data.with_name(self.data.name + ".log")
        self.urls: dict[str, str] = {}
        self.ready_seconds = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, timeout_seconds: float = 30.0) -> Self:
        """Start and wait until it is ready.

        Raises:
            ServerFailed: It ended, or took longer than the timeout.
        """
        self.data.mkdir(parents=True, exist_ok=True)
        (self.data / RUNTIME_FILE).unlink(missing_ok=True)
        command = [sys.executable, "-m", "appliance", "up", "--data", str(self.data)]
        command += ["--set", "listen.free_ports=true", *self._args]
        if self._only is not None:
            command += ["--only", ",".join(self._only)]
        began = time.monotonic()  # noqa: TID251 - real time of a real process
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                command, stdout=log, stderr=log, env=os.environ | self._env
            )
        while not (facts := self._facts()):
            if self.process.poll() is not None:
                raise ServerFailed(f"exit code {self.process.returncode}\n{self.tail()}")
            if time.monotonic() - began > timeout_seconds:  # noqa: TID251 - as above
                self.kill()
                raise ServerFailed(f"not ready after {timeout_seconds} s\n{self.tail()}")
            time.sleep(0.01)
        self.ready_seconds = time.monotonic() - began  # noqa: TID251 - as above
        self.urls = facts["listeners"]
        return self

    def stop(self, *, timeout_seconds: float = 30.0) -> int:
        """Ask it to stop and wait; the result is its exit code."""
        if self.process is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_seconds)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def tail(self, lines: int = 30) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def close(self) -> None:
        """Stop it if it runs, and remove what is temporary."""
        try:
            if self.process is not None and self.process.poll() is None:
                self.stop()
        finally:
            self.kill()
            if self._temporary is not None:
                self.log.unlink(missing_ok=True)
                self._temporary.cleanup()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _facts(self) -> dict[str, dict[str, str]] | None:
        with contextlib.suppress(OSError, ValueError):
            facts: dict[str, dict[str, str]] = json.loads((self.data / RUNTIME_FILE).read_text())
            return facts
        return None
