"""Busy ports are explained."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from appliance.api.ports import PortBusy, lost_datagrams, open_socket, open_udp_socket


def test_busy_port_names_the_owner_and_the_flag() -> None:
    with open_socket("prometheus", "127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortBusy) as error:
            open_socket("prometheus", "127.0.0.1", port)
    text = str(error.value)
    assert f"port {port} of listener 'prometheus' is in use by process {os.getpid()}" in text
    assert "--listen prometheus=PORT" in text


def test_foreign_address_is_explained() -> None:
    with pytest.raises(PortBusy, match=r"cannot listen on '203.0.113.1'.*--host"):
        open_socket("loki", "203.0.113.1", 0)


def test_a_busy_udp_port_names_its_own_owner() -> None:
    with open_udp_socket("jaeger_thrift_udp", "127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortBusy) as error:
            open_udp_socket("jaeger_thrift_udp", "127.0.0.1", port)
        with open_socket("loki", "127.0.0.1", port):  # TCP has ports of its own
            pass
    assert f"in use by process {os.getpid()}" in str(error.value)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells")
def test_datagrams_that_the_system_throws_away_are_known() -> None:
    with open_udp_socket("jaeger_thrift_udp", "127.0.0.1", 0) as opened:
        assert lost_datagrams(opened) == 0
        room = opened.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(room // 60_000 + 10):
                sender.sendto(bytes(60_000), opened.getsockname())
        assert lost_datagrams(opened) > 0
