"""Syslog messages over TCP (with TLS, if wanted) and UDP (promtail, configuration, syslog).

Backpressure: a TCP sender waits while its messages are being stored. Datagrams that come faster
than they are stored wait in a bounded queue; beyond it they are lost, as anywhere with UDP, and
counted.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import socket
import ssl
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput, Unavailable
from appliance.base.tasks import offload, spawn
from appliance.ingest.tail.entry import Entry
from appliance.ingest.tail.labels import EntryLabels
from appliance.ingest.tail.status import SourceKind, SourceStatus
from appliance.ingest.tail.syslog.framing import Framing, datagram
from appliance.ingest.tail.syslog.message import parse_message
from appliance.model.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from appliance.config.http_client import TlsConfig
    from appliance.ingest.tail.config import TailConfig
    from appliance.ingest.tail.job import JobParts
    from appliance.ingest.tail.source import SourceFeed

_log = logging.getLogger(__name__)
_READ_BYTES = 64 << 10
_QUEUED_DATAGRAMS = 20_000
#: Datagrams that are stored together.
_DATAGRAMS_AT_ONCE = 2_000
#: Names of senders that are remembered; anybody can send from any address over UDP.
_REMEMBERED_NAMES = 10_000
_RECEIVE_BUFFER_BYTES = 4 << 20
_IP, _NAME = "__syslog_connection_ip_address", "__syslog_connection_hostname"


class SyslogSource:
    """Receives for one job."""

    def __init__(self, config: TailConfig, feed: SourceFeed, parts: JobParts) -> None:
        assert config.syslog is not None, "the job has a receiver"  # noqa: S101
        self._config = config.syslog
        self._job = config.job_name
        self._feed = feed
        self._parts = parts
        self._labels = EntryLabels(config.relabel_configs, {})
        self._connections: set[asyncio.Task[None]] = set()
        self._names: dict[str, str] = {}
        self._lines = 0
        self._read_ms = 0
        self._error = ""
        self._complaint = ""
        self.address: tuple[str, int] | None = None

    def __str__(self) -> str:
        return f"syslog at {self._config.listen_address} for job {self._job}"

    async def run(self) -> None:
        """See `Source`.

        Raises:
            Unavailable: The address is taken.
        """
        flushing = spawn(self._feed.flush_regularly(), name=f"flush {self}")
        try:
            host, port = self._address()
            if self._config.listen_protocol == "udp":
                await self._run_udp(host, port)
            else:
                await self._run_tcp(host, port)
        finally:
            flushing.cancel()
            self.address = None

    def _address(self) -> tuple[str | None, int]:
        """Where to listen; who sends needs a certificate, or is this machine, or is let in."""
        host, port = split_address(self._config.listen_address)
        if self._config.listen_protocol != "udp" and self._config.tls_config.ca_file:
            return host, port
        try:
            return self._parts.host_for(host or "", str(self)) or None, port
        except BadInput as error:
            self._error = error.message
            raise

    # -- TCP

    async def _run_tcp(self, host: str | None, port: int) -> None:
        context = await offload(_server_context, self._config.tls_config)
        try:
            server = await asyncio.start_server(self._connected, host, port, ssl=context)
        except OSError as error:
            self._error = f"cannot listen at {self._config.listen_address}: {error.strerror}"
            raise Unavailable(self._error) from error
        self._error, self.address = "", server.sockets[0].getsockname()[:2]
        try:
            await asyncio.Event().wait()
        finally:
            server.close()
            for task in self._connections:
                task.cancel()
            if self._connections:
                await asyncio.wait(self._connections)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - this runs in one
        self._connections.add(task)
        peer = str((writer.get_extra_info("peername") or ("",))[0])
        try:
            await self._receive(reader, peer)
        except (OSError, ssl.SSLError) as error:
            _log.debug("%s: %s", self, error)
        except BadInput as error:
            self._refuse(error, peer)
        finally:
            self._connections.discard(task)
            writer.close()

    async def _receive(self, reader: asyncio.StreamReader, peer: str) -> None:
        framing = Framing(int(self._config.max_message_length) or 8192)
        connection = await self._connection(peer)
        idle = self._config.idle_timeout.seconds or 120.0
        while True:
            try:
                async with asyncio.timeout(idle):
                    data = await reader.read(_READ_BYTES)
            except TimeoutError:
                return
            before = framing.too_long
            messages = framing.feed(data) if data else framing.end()
            self._count_long(framing.too_long - before, peer)
            await self._take([(message, connection) for message in messages])
            if not data:
                return

    # -- UDP

    async def _run_udp(self, host: str | None, port: int) -> None:
        queue: asyncio.Queue[tuple[bytes, str]] = asyncio.Queue(_QUEUED_DATAGRAMS)
        loop = asyncio.get_running_loop()
        try:
            transport, _ = await loop.create_datagram_endpoint(
                lambda: _Datagrams(queue, self._lose),
                local_addr=(host or "0.0.0.0", port),  # noqa: S104 - as configured
            )
        except OSError as error:
            self._error = f"cannot listen at {self._config.listen_address}: {error.strerror}"
            raise Unavailable(self._error) from error
        opened = transport.get_extra_info("socket")
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        self._error, self.address = "", opened.getsockname()[:2]
        try:
            while True:
                found = [await queue.get()]
                while not queue.empty() and len(found) < _DATAGRAMS_AT_ONCE:
                    found.append(queue.get_nowait())
                await self._take_datagrams(found)
        finally:
            transport.close()

    async def _take_datagrams(self, found: Sequence[tuple[bytes, str]]) -> None:
        messages: list[tuple[bytes, Mapping[str, str]]] = []
        most = int(self._config.max_message_length) or 8192
        for data, peer in found:
            connection = await self._connection(peer)
            try:
                parts, too_long = datagram(data, most)
            except BadInput as error:
                self._refuse(error, peer)
                continue
            self._count_long(too_long, peer)
            messages += [(part, connection) for part in parts]
        await self._take(messages)

    def _lose(self) -> None:
        self._parts.metrics.dropped("queue_full", 1, 0)

    # -- messages

    async def _take(self, messages: Iterable[tuple[bytes, Mapping[str, str]]]) -> None:
        now = dt.datetime.fromtimestamp(self._parts.clock.now_ms() / 1000).astimezone()
        entries = []
        for data, connection in messages:
            try:
                entry = self._entry(data, connection, now)
            except BadInput as error:
                self._refuse(error, connection.get(_IP, ""))
                continue
            if entry is not None:
                entries.append(entry)
        if entries:
            await self._feed.put(entries)
            self._lines += len(entries)
            self._read_ms = self._parts.clock.now_ms()
            self._parts.metrics.syslog_entries.inc(len(entries))

    def _entry(self, data: bytes, connection: Mapping[str, str], now: dt.datetime) -> Entry | None:
        config = self._config
        is_old = config.syslog_format == "rfc3164"
        message = parse_message(data, is_rfc3164=is_old, now=now)
        if message.text is None:
            self._parts.metrics.syslog_empty.inc()
            return None
        facts = {**config.labels, **connection}
        facts |= message.facts(with_data=config.label_structured_data)
        labels = self._labels.of(facts)
        if labels is None:
            return None
        line = message.whole.rstrip("\n") if config.use_rfc5424_message else message.text
        time_ns = message.time_ns if config.use_incoming_timestamp else None
        return Entry(dict(labels), time_ns or self._parts.timeline.take(1), line)

    async def _connection(self, peer: str) -> dict[str, str]:
        facts = {_IP: peer}
        if self._labels.uses(_NAME):
            if peer not in self._names:
                if len(self._names) >= _REMEMBERED_NAMES:
                    self._names.clear()
                self._names[peer] = await offload(_name_of, peer)
            facts[_NAME] = self._names[peer]
        return facts

    def _count_long(self, count: int, peer: str) -> None:
        if count:
            most = int(self._config.max_message_length) or 8192
            self._refuse(BadInput(f"message too long to parse, max length {most}"), peer, count)

    def _refuse(self, error: BadInput, peer: str, count: int = 1) -> None:
        """Count what cannot be understood; the same reason is logged once."""
        self._parts.metrics.syslog_errors.inc(count)
        if error.message != self._complaint:
            _log.warning("%s: messages from %s left out: %s", self, peer, error.message)
        self._complaint = error.message

    def status(self) -> Sequence[SourceStatus]:
        """See `Source`."""
        return [
            SourceStatus(
                job=self._job,
                kind=SourceKind.SYSLOG,
                name=f"{self._config.listen_protocol}://{self._config.listen_address}",
                labels=Labels.of(self._config.labels),
                lines=self._lines,
                last_read_ms=self._read_ms,
                error=self._error,
            )
        ]

    def cursors(self) -> Mapping[str, str]:
        """See `Source`: messages that come have no position."""
        return {}


class _Datagrams(asyncio.DatagramProtocol):
    """Puts datagrams into a queue."""

    def __init__(self, queue: asyncio.Queue[tuple[bytes, str]], lose: Callable[[], None]) -> None:
        self._queue = queue
        self._lose = lose

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """See asyncio."""
        try:
            self._queue.put_nowait((data, addr[0]))
        except asyncio.QueueFull:
            self._lose()


def split_address(text: str) -> tuple[str | None, int]:
    """Host (None: every one) and port of an address as Go writes it.

    Raises:
        BadInput: There is no port.
    """
    host, _, port = text.rpartition(":")
    if not port.isdecimal():
        raise BadInput(f"invalid listen address {text!r}: write host:port")
    return host.strip("[]") or None, int(port)


def _name_of(address: str) -> str:
    try:
        return socket.gethostbyaddr(address)[0]
    except OSError:
        return ""


def _server_context(config: TlsConfig) -> ssl.SSLContext | None:
    """TLS as promtail has it: certificate and key; with a CA clients need a certificate, too.

    Raises:
        BadInput: A file is missing or does not hold what it should.
    """
    if not (config.cert_file or config.key_file or config.ca_file):
        return None
    if not (config.cert_file and config.key_file):
        raise BadInput("certificate and key files are required")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(config.cert_file, config.key_file)
        if config.ca_file:
            context.load_verify_locations(config.ca_file)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as error:
        raise BadInput(f"error setting up syslog target: {error}") from error
    return context
