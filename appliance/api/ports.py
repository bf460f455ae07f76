"""Listening sockets: open, or say who holds the port and what to change."""

from __future__ import annotations

import contextlib
import errno
import socket
from pathlib import Path

from appliance.base.errors import Conflict


class PortBusy(Conflict):
    """A listener's port is taken."""


def open_socket(name: str, host: str, port: int) -> socket.socket:
    """A listening TCP socket; port 0 picks a free one.

    Raises:
        PortBusy: Someone else listens there, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
        opened.listen(1024)
    except OSError as error:
        opened.close()
        raise busy(name, host, port, error) from error
    opened.settimeout(0)  # not blocking: the event loop serves it
    return opened


def busy(name: str, host: str, port: int, error: OSError) -> PortBusy:
    """The error for a port that cannot be opened, with the flag that changes it."""
    way_out = (
        f"use --listen {name}=PORT, shift all ports with --port-offset N,"
        f" or set listen.{name} in appliance.yml"
    )
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return PortBusy(
            f"{name} cannot listen on {host!r} ({error.strerror}), which is no address of this"
            f" machine; give one of its own with --host or --listen {name}=HOST:PORT"
        )
    if error.errno not in {errno.EADDRINUSE, None}:
        return PortBusy(f"{name} cannot listen on {host}:{port} ({error.strerror}); {way_out}")
    owner = find_owner(port)
    by = f" by {owner}" if owner else ""
    return PortBusy(f"port {port} of listener {name!r} is in use{by}; {way_out}")


def find_owner(port: int) -> str | None:
    """`process PID (NAME)` that listens on a TCP port, where /proc tells (Linux)."""
    inodes = {
        fields[9]
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for fields in _rows(Path(table))
        if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port
    }
    if not inodes:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            for handle in (process / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if handle.readlink().name.removeprefix("socket:[").rstrip("]") in inodes:
                        name = (process / "comm").read_text().strip()
                        return f"process {process.name} ({name})"
    return None


def _rows(table: Path) -> list[list[str]]:
    with contextlib.suppress(OSError):
        return [line.split() for line in table.read_text().splitlines()[1:]]
    return []
