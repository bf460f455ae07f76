"""Listening sockets: open, or say who holds the port and what to change."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from pathlib import Path

from appliance.base.errors import Conflict

#: Room for datagrams that wait to be read; the system may grant less (net.core.rmem_max).
_BURST_BYTES = 8 << 20
_FORCED_BUFFER = 33  # SO_RCVBUFFORCE
#: Tables of /proc/net, and the state in them of a socket that holds a port.
_TCP, _UDP = (("tcp", "tcp6"), "0A"), (("udp", "udp6"), "07")


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


def open_udp_socket(name: str, host: str, port: int) -> socket.socket:
    """A socket for datagrams, with as much room for bursts as the system grants.

    Raises:
        PortBusy: Someone else has it, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM)
    for option in (socket.SO_RCVBUF, _FORCED_BUFFER):
        with contextlib.suppress(OSError):  # the second one is for the privileged, on Linux
            opened.setsockopt(socket.SOL_SOCKET, option, _BURST_BYTES)
    try:
        opened.bind((host, port))
    except OSError as error:
        opened.close()
        raise busy(name, host, port, error, held=_UDP) from error
    opened.settimeout(0)
    return opened


def lost_datagrams(opened: socket.socket) -> int:
    """How many datagrams the system threw away before we read them, where /proc tells (Linux)."""
    with contextlib.suppress(OSError):
        inode = str(os.fstat(opened.fileno()).st_ino)
        for table in _UDP[0]:
            for fields in _rows(Path("/proc/net") / table):
                if fields[9] == inode:
                    return int(fields[12])
    return 0


def busy(
    name: str,
    host: str,
    port: int,
    error: OSError,
    *,
    held: tuple[tuple[str, ...], str] = _TCP,
) -> PortBusy:
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
    owner = find_owner(port, held)
    by = f" by {owner}" if owner else ""
    return PortBusy(f"port {port} of listener {name!r} is in use{by}; {way_out}")


def find_owner(port: int, held: tuple[tuple[str, ...], str] = _TCP) -> str | None:
    """`process PID (NAME)` that listens on a port, where /proc tells (Linux)."""
    tables, state = held
    inodes = {
        fields[9]
        for table in tables
        for fields in _rows(Path("/proc/net") / table)
        if fields[3] == state and int(fields[1].rsplit(":", 1)[1], 16) == port
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
