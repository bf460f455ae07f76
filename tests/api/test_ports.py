"""Busy ports are explained."""

from __future__ import annotations

import os

import pytest

from appliance.api.ports import PortBusy, open_socket


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
