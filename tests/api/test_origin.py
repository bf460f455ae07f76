"""Pages of other sites are told from this server's own."""

from __future__ import annotations

import pytest

from appliance.api.origin import is_own_name, is_own_origin


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.0.0.1:3000", "[::1]:3000", "localhost:9090", "loki", "loki:3100",
        "host.docker.internal:4318", "laptop.local", "a.localhost", "10.1.2.3:80", "",
        "Obs.Example:443", "obs.example.:80",
    ],
)  # fmt: skip
def test_addresses_local_names_and_named_ones_are_own(host: str) -> None:
    assert is_own_name(host, frozenset(["obs.example"]))


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:3000", "127.0.0.1.evil.example", "local.com", "[::1"]
)
def test_names_that_anyone_may_own_are_not(host: str) -> None:
    assert not is_own_name(host)


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        (None, True),
        ("http://localhost:3000", True),
        ("http://LOCALHOST:3000", True),
        ("http://localhost:8080", False),
        ("https://evil.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_only_own_pages_and_programs_have_the_own_origin(origin: str | None, *, own: bool) -> None:
    assert is_own_origin(origin, "localhost:3000") is own
