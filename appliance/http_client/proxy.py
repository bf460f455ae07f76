"""Which proxy a request goes through (Prometheus' `<http_config>`; Go's `httpproxy` rules)."""

from __future__ import annotations

import ipaddress
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from appliance.http_client.basic_login import basic_login

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.config.http_client import ProxyConfig

_PORTS = {"http": 80, "https": 443}


class ProxyRules:
    """The proxy of each URL.

    Args:
        config: A section's proxy keys.
        environment: Where `proxy_from_environment` looks.
    """

    def __init__(self, config: ProxyConfig, environment: Mapping[str, str] | None = None) -> None:
        found = os.environ if environment is None else environment
        self._headers = {
            name: ", ".join(value.reveal() for value in values)
            for name, values in config.proxy_connect_header.items()
        }
        self._has_rules = True
        if config.proxy_from_environment:
            self._by_scheme = {
                "http": found.get("http_proxy") or found.get("HTTP_PROXY", ""),
                "https": found.get("https_proxy") or found.get("HTTPS_PROXY", ""),
            }
            self._direct = found.get("no_proxy") or found.get("NO_PROXY", "")
        else:
            proxy = str(config.proxy_url or "")
            self._by_scheme = {"http": proxy, "https": proxy}
            self._direct = config.no_proxy
            self._has_rules = bool(config.no_proxy)

    def options(self, url: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Arguments of a request that name its proxy, and headers of its own that go with them."""
        proxy = self.proxy(url)
        if not proxy:
            return {}, {}
        parts = urlsplit(proxy)
        login = {}
        if parts.username is not None:
            user, password = unquote(parts.username), unquote(parts.password or "")
            login = {"Proxy-Authorization": basic_login(user, password)}
            proxy = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        if url.startswith("https:"):  # the proxy sees only its own headers, those of CONNECT
            return {"proxy": proxy, "proxy_headers": {**self._headers, **login}}, {}
        return {"proxy": proxy}, login

    def proxy(self, url: str) -> str:
        """The proxy's URL; empty for none."""
        if not any(self._by_scheme.values()):
            return ""
        parts = urlsplit(url)
        proxy = self._by_scheme.get(parts.scheme, "")
        if not proxy or (self._has_rules and self._is_direct(parts.hostname or "", parts.port)):
            return ""
        return proxy if "://" in proxy else f"http://{proxy}"

    def _is_direct(self, host: str, port: int | None) -> bool:
        """Whether a host is reached without the proxy; loopback always is."""
        host = host.lower().rstrip(".")
        address = _address(host)
        if host == "localhost" or (address is not None and address.is_loopback):
            return True
        rules = [rule.strip().lower() for rule in self._direct.split(",")]
        return any(rule and _matches(rule, host, address, port) for rule in rules)


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(text: str) -> _Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _matches(rule: str, host: str, address: _Address | None, port: int | None) -> bool:
    """Whether one entry of `no_proxy` means a host: `*`, a network, an address or a domain."""
    if rule == "*":
        return True
    if "/" in rule:
        return address is not None and _is_within(address, rule)
    name, colon, number = rule.rpartition(":")
    if colon and number.isdigit() and (":" not in name or name.startswith("[")):
        if port is not None and int(number) != port:
            return False
        rule = name
    rule = rule.strip("[]")
    return _is_domain(rule, host) if address is None else _address(rule) == address


def _is_within(address: _Address, network: str) -> bool:
    try:
        return address in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _is_domain(rule: str, host: str) -> bool:
    """`x.y` means itself and what is below it; `.x.y` and `*.x.y` only what is below."""
    rule = rule.removeprefix("*")
    if rule.startswith("."):
        return host.endswith(rule)
    return host == rule or host.endswith("." + rule)
