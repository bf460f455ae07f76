"""Tenants as Loki reads them."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request

from appliance.api.loki.deps import tenant_of
from appliance.base.errors import BadInput


@pytest.mark.parametrize(
    ("given", "tenant"), [("", "anonymous"), ("acme", "acme"), ("a-1_b.c*'()!", "a-1_b.c*'()!")]
)
def test_tenants(given: str, tenant: str) -> None:
    assert tenant_of(make_mocked_request("GET", "/", {"X-Scope-OrgID": given})) == tenant


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("a|b", "tenant ID 'a|b' contains unsupported character '|'"),
        ("a/b", "tenant ID 'a/b' contains unsupported character '/'"),
        ("..", "tenant ID is '.' or '..'"),
        ("x" * 151, "tenant ID is too long: max 150 characters"),
    ],
)
def test_what_is_no_tenant(given: str, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        tenant_of(make_mocked_request("GET", "/", {"X-Scope-OrgID": given}))
    assert caught.value.message == reason
