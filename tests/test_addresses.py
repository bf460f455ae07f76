"""Who can reach an address, and what that asks for."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from appliance.addresses import host_for, trusted_names
from appliance.base.errors import BadInput
from appliance.config.scalars import Url
from appliance.settings.root import Settings

OPEN = replace(Settings(), insecure_no_auth=True)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::"])
def test_all_addresses_are_those_of_this_machine_unless_others_are_let_in(
    host: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert host_for(OPEN, host, owner="syslog") == host
        assert not caplog.records
        assert host_for(Settings(), host, owner="syslog") == "127.0.0.1"
    (record,) = caplog.records
    assert "syslog takes connections of this machine only" in record.getMessage()


def test_an_address_of_a_network_is_refused_unless_others_are_let_in() -> None:
    assert host_for(Settings(), "127.0.0.2", owner="syslog") == "127.0.0.2"
    assert host_for(OPEN, "192.0.2.1", owner="syslog") == "192.0.2.1"
    with pytest.raises(BadInput, match=r"syslog on '192\.0\.2\.1'.*insecure-no-auth"):
        host_for(Settings(), "192.0.2.1", owner="syslog")


def test_a_proxy_may_use_the_name_in_the_external_url() -> None:
    assert trusted_names(Settings()) == frozenset()
    behind = replace(Settings(), external_url=Url("https://obs.example:8443/a"))
    assert trusted_names(behind) == {"obs.example"}
