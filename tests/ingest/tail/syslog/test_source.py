"""The receiver, with `logger` of util-linux and with sockets."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from appliance.base.errors import BadInput
from tests.ingest.tail.tailing import Tailing

CONFIG = """\
clients: [{{url: "http://loki:3100/loki/api/v1/push"}}]
scrape_configs:
  - job_name: syslog
    syslog: {{listen_address: "127.0.0.1:{port}", labels: {{job: syslog}}{more}}}
    relabel_configs:
      - {{source_labels: [__syslog_message_app_name], target_label: app}}
      - {{source_labels: [__syslog_message_severity], target_label: level}}
      - {{source_labels: [__syslog_connection_ip_address], target_label: ip}}
"""
LABELS = {"job": "syslog", "app": "tester", "level": "warning", "ip": "127.0.0.1"}


@pytest.fixture
def tailing(tmp_path: Path) -> Iterator[Tailing]:
    found = Tailing(tmp_path / "logs.db")
    yield found
    found.close()


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


async def connect(port: int, **how: ssl.SSLContext) -> asyncio.StreamWriter:
    """Connect as soon as somebody listens."""
    async with asyncio.timeout(5):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port, **how)  # type: ignore[arg-type]
            except ConnectionRefusedError:
                await asyncio.sleep(0.01)
            else:
                return writer


async def log(port: int, *arguments: str) -> None:
    program = shutil.which("logger")
    if program is None:
        pytest.skip("logger of util-linux is not installed")
    given = ["-n", "127.0.0.1", "-P", str(port), "-t", "tester", "-p", "user.warning", *arguments]
    process = await asyncio.create_subprocess_exec(program, *given)
    assert await process.wait() == 0


@pytest.mark.parametrize("framing", [[], ["--octet-count"]], ids=["lines", "counted"])
@pytest.mark.parametrize("form", ["--rfc5424", "--rfc3164"])
async def test_logger_over_tcp(tailing: Tailing, port: int, form: str, framing: list[str]) -> None:
    more = f", syslog_format: {form[2:]}"
    async with tailing.running(CONFIG.format(port=port, more=more)):
        (await connect(port)).close()
        await log(port, "--tcp", form, *framing, "hello world")
        await tailing.wait_for_lines(1)
    [(labels, _, line)] = tailing.entries()
    assert (labels, line) == (LABELS, "hello world")


async def test_logger_over_udp(tailing: Tailing, port: int) -> None:
    more = ", listen_protocol: udp"
    async with tailing.running(CONFIG.format(port=port, more=more)) as manager:
        await tailing.wait_for(lambda: manager.status().sources)
        async with asyncio.timeout(5):
            while not tailing.lines():  # datagrams before the socket is there are lost
                await log(port, "--udp", "--rfc5424", "hello world")
                await asyncio.sleep(0.02)
    labels, _, line = tailing.entries()[0]
    assert (labels, line) == (LABELS, "hello world")


async def test_times_and_whole_messages(tailing: Tailing, port: int) -> None:
    tailing.limits = type(tailing.limits)(max_age_ms=10 * 365 * 86_400_000)
    more = ", use_incoming_timestamp: true, use_rfc5424_message: true"
    message = "<12>1 2026-01-01T00:00:00Z h tester - - - text"
    async with tailing.running(CONFIG.format(port=port, more=more)):
        writer = await connect(port)
        writer.write(message.encode() + b"\n")
        await tailing.wait_for_lines(1)
        writer.close()
    assert tailing.entries() == [(LABELS, 1_767_225_600_000_000_000, message)]


async def test_what_cannot_be_read_is_counted_and_the_rest_goes_on(
    tailing: Tailing, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with tailing.running(CONFIG.format(port=port, more=", max_message_length: 100")):
        writer = await connect(port)
        writer.write(b"<bad\n<13>1 - - tester - - - good\n<13>" + b"x" * 200 + b"\n<bad\n")
        writer.write(b"<13>1 - - tester - - -\n<13>1 - - tester - - - last\n")
        await tailing.wait_for_lines(2)
        writer.close()
    assert tailing.lines() == ["good", "last"]
    exposed = tailing.telemetry.expose().decode()
    assert "promtail_syslog_target_parsing_errors_total 3.0" in exposed
    assert "promtail_syslog_empty_messages_total 1.0" in exposed
    assert "promtail_syslog_target_entries_total 2.0" in exposed
    assert any("left out" in record.getMessage() for record in caplog.records)


async def test_an_idle_connection_is_closed(tailing: Tailing, port: int) -> None:
    async with tailing.running(CONFIG.format(port=port, more=", idle_timeout: 50ms")):
        async with asyncio.timeout(5):
            (await connect(port)).close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await reader.read() == b""
            writer.close()


async def test_tls_with_certificates_of_clients(
    tailing: Tailing, port: int, tmp_path: Path
) -> None:
    authority = trustme.CA()
    cert = authority.issue_cert("127.0.0.1")
    cert.private_key_pem.write_to_path(tmp_path / "key.pem")
    cert.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    files = ", ".join(f"{name}_file: {tmp_path}/{name}.pem" for name in ("cert", "key", "ca"))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    authority.issue_cert("client.example").configure_cert(context)
    async with tailing.running(CONFIG.format(port=port, more=f", tls_config: {{{files}}}")):
        writer = await connect(port, ssl=context)
        writer.write(b"<12>1 - - tester - - - secret\n")
        assert await tailing.wait_for_lines(1) == ["secret"]
        writer.close()


async def test_a_taken_address_is_told(tailing: Tailing, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        async with tailing.running(CONFIG.format(port=port, more="")) as manager:
            await tailing.wait_for(lambda: any(one.error for one in manager.status().sources))
            assert "in use" in manager.status().sources[0].error.lower()


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
async def test_where_it_listens_is_decided_by_the_server(
    tailing: Tailing, port: int, protocol: str
) -> None:
    def refuse(host: str, owner: str) -> str:
        raise BadInput(f"{owner.split(' at', maxsplit=1)[0]} on {host!r}: no")

    text = CONFIG.format(port=port, more=f", listen_protocol: {protocol}")
    async with tailing.running(text.replace("127.0.0.1", ""), host_for=refuse) as manager:
        await tailing.wait_for(lambda: any(one.error for one in manager.status().sources))
        assert manager.status().sources[0].error == "syslog on '': no"
