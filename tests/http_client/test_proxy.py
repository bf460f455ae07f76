"""Which proxy a request goes through."""

from __future__ import annotations

import pytest

from appliance.config.http_client import ProxyConfig
from appliance.config.scalars import Url
from appliance.http_client.proxy import ProxyRules

PROXY = "http://proxy:3128"


@pytest.mark.parametrize(
    ("no_proxy", "url", "is_direct"),
    [
        ("example.org", "http://example.org/", True),
        ("example.org", "http://a.example.org/", True),
        ("example.org", "http://notexample.org/", False),
        (".example.org", "http://example.org/", False),
        ("*.example.org", "http://a.example.org/", True),
        ("example.org:81", "http://example.org:81/", True),
        ("example.org:81", "http://example.org:82/", False),
        ("10.0.0.0/8", "http://10.1.2.3/", True),
        ("10.0.0.0/8", "http://11.1.2.3/", False),
        ("10.1.2.3", "http://10.1.2.3:9100/", True),
        ("fd00::/8", "http://[fd00::1]:9100/", True),
        ("a, *", "http://any/", True),
        ("other", "http://localhost:9100/", True),
        ("other", "http://127.0.0.1/", True),
        ("nonsense/x", "http://10.0.0.1/", False),
        ("", "http://localhost/", False),
    ],
)
def test_who_is_reached_without(no_proxy: str, url: str, is_direct: bool) -> None:  # noqa: FBT001 - a table
    rules = ProxyRules(ProxyConfig(proxy_url=Url(PROXY), no_proxy=no_proxy))
    assert rules.proxy(url) == ("" if is_direct else PROXY)


def test_the_environment_may_decide() -> None:
    environment = {"HTTP_PROXY": "p:1", "https_proxy": "http://s:2", "NO_PROXY": "a"}
    rules = ProxyRules(ProxyConfig(proxy_from_environment=True), environment)
    assert [rules.proxy(url) for url in ("http://b/", "https://b/", "http://a/")] == [
        *("http://p:1", "http://s:2", ""),
    ]
    assert ProxyRules(ProxyConfig(), environment).options("http://b/") == ({}, {})
