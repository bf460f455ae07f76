"""Which names and origins are this server's own: a guard against pages of other sites.

A listener on loopback asks for no token, so a page in a browser on the same machine could use it:
by making its own name resolve to 127.0.0.1 (DNS rebinding), or by sending a form. The first shows
in `Host`, the second in `Origin` (WHATWG Fetch, "Origin header").
"""

from __future__ import annotations

import contextlib
import functools
from ipaddress import ip_address
from urllib.parse import urlsplit

#: Domains that nobody can register (RFC 2606, 6761, 6762, 8375; ICANN's `internal`).
_LOCAL_DOMAINS = ("localhost", "internal", "local", "localdomain", "test", "lan", "home.arpa")


@functools.lru_cache(maxsize=1024)
def is_own_name(host: str, names: frozenset[str] = frozenset()) -> bool:
    """Whether a `Host` header names this server.

    Addresses do, names without a dot (`localhost`, `loki` in a compose file) and names in domains
    that nobody can register.

    Args:
        host: `name`, `name:port` or `[address]:port`.
        names: More names that are right, in lower case.
    """
    name = _name(host)
    if not name or "." not in name or name in names:
        return True
    if name.endswith(tuple(f".{domain}" for domain in _LOCAL_DOMAINS)):
        return True
    with contextlib.suppress(ValueError):
        return bool(ip_address(name))
    return False


def is_own_origin(origin: str | None, host: str) -> bool:
    """Whether a request comes from no page, or from one of this server's own.

    Args:
        origin: The `Origin` header; None when there is none, as from programs.
        host: The `Host` header.
    """
    return origin is None or origin.partition("://")[2].lower() == host.lower()


def _name(host: str) -> str:
    with contextlib.suppress(ValueError):
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    return "invalid.invalid"
