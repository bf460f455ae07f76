"""Who can reach an address, and what that asks for."""

from __future__ import annotations

import contextlib
from ipaddress import ip_address
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from appliance.settings.root import Settings


def require_auth_beyond_loopback(settings: Settings) -> None:
    """Refuse to serve other machines without a token, unless told to.

    Raises:
        BadInput: An address is not loopback; the text says what to set.
    """
    if settings.auth.ingest_token is not None or settings.insecure_no_auth:
        return
    for name, (host, _) in settings.listen.open_addresses().items():
        if not is_loopback(host):
            raise BadInput(
                f"listener {name!r} on {host!r} could be reached from other machines:"
                " set a token (APPLIANCE__AUTH__INGEST_TOKEN or auth.ingest_token),"
                " or pass --insecure-no-auth"
            )


def is_loopback(host: str) -> bool:
    """Whether only this machine can connect to an address."""
    with contextlib.suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"
