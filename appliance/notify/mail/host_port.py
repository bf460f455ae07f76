"""`host:port` of a mail server, as settings have it."""

from __future__ import annotations

from typing import Self

from appliance.base.errors import BadInput


class HostPort(str):
    """`host:port` of a mail server."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The address.

        Raises:
            BadInput: It has no port, or more colons than that; an empty text is fine.
        """
        host, colon, port = text.rpartition(":")
        if not text:
            return cls()
        if not port or not colon:
            fault = "port cannot be empty" if colon else "missing port in address"
            raise BadInput(f"address {text!r}: {fault}; write host:port")
        if ":" in host and not (host.startswith("[") and host.endswith("]")):
            raise BadInput(f"address {text!r}: too many colons in address; write [address]:port")
        return cls(text)
