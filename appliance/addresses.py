"""Who can reach an address, and what that asks for."""

from __future__ import annotations

import contextlib
import logging
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from appliance.settings.root import Settings

_log = logging.getLogger(__name__)
#: How all addresses are written.
_ALL = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared, not bound


def require_auth_beyond_loopback(settings: Settings) -> None:
    """Refuse to serve other machines without a token, unless told to.

    Raises:
        BadInput: An address is not loopback; the text says what to set.
    """
    if _serves_others(settings):
        return
    for name, (host, _) in settings.listen.open_addresses().items():
        if not is_loopback(host):
            raise BadInput(
                f"listener {name!r} on {host!r} could be reached from other machines:"
                " set a token (APPLIANCE__AUTH__INGEST_TOKEN or auth.ingest_token),"
                " or pass --insecure-no-auth"
            )


def host_for(settings: Settings, host: str, *, owner: str) -> str:
    """Where a listener that a configuration file of another program asks for is opened.

    Such files mostly name no address, which means all; that is this machine's alone, unless other
    machines may be served.

    Args:
        host: As it was written; empty for all addresses.
        owner: Whose listener it is, for messages.

    Raises:
        BadInput: It is one address that other machines reach, which is not allowed.
    """
    if _serves_others(settings) or is_loopback(host):
        return host
    needed = "set auth.ingest_token, or pass --insecure-no-auth"
    if host not in _ALL:
        raise BadInput(f"{owner} on {host!r} could be reached from other machines: {needed}")
    _log.warning("%s takes connections of this machine only: for others %s", owner, needed)
    return "127.0.0.1"


def is_loopback(host: str) -> bool:
    """Whether only this machine can connect to an address."""
    with contextlib.suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def trusted_names(settings: Settings) -> frozenset[str]:
    """The name in `external_url`, by which a proxy on this machine may lead here."""
    url = settings.external_url
    name = urlsplit(str(url)).hostname if url else None
    return frozenset([name] if name else [])


def _serves_others(settings: Settings) -> bool:
    return settings.auth.ingest_token is not None or settings.insecure_no_auth
