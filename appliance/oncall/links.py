"""Addresses that acknowledge: signed, so that whoever has one may, until it expires.

A link is `claim.signature`, both base64url: the claim is JSON, the signature HMAC-SHA256 of it
with a key that only this server's data directory has.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from appliance.base.errors import BadInput, NotFound

if TYPE_CHECKING:
    from pathlib import Path

PATH = "/ack/"
_KEY_BYTES = 32
_MOST_CHARS = 8000


@dataclass(frozen=True, slots=True)
class Claim:
    """What a link is good for.

    Attributes:
        kind: `alert` or `group`.
        key: A fingerprint or a group's key.
        by: Whom it was sent to; empty when that is not known.
        expires_ns: When it ends.
    """

    kind: str
    key: str
    by: str
    expires_ns: int


class Links:
    """Makes and reads links.

    Args:
        key_file: Made when it is first needed, readable by its owner alone.
    """

    def __init__(self, key_file: Path) -> None:
        self._file = key_file
        self._key = b""

    def make(self, base_url: str, claim: Claim) -> str:
        """An address for people."""
        return f"{base_url.rstrip('/')}{PATH}{self.token(claim)}"

    def token(self, claim: Claim) -> str:
        """The part of the address that says what it is good for."""
        body = _encoded(orjson.dumps([claim.kind, claim.key, claim.by, claim.expires_ns]))
        return f"{body}.{self._signature(body)}"

    def read(self, token: str, now_ns: int) -> Claim:
        """What a link is good for.

        Raises:
            NotFound: It was not made here, or with another key.
            BadInput: It has expired.
        """
        body, _, signature = token[:_MOST_CHARS].partition(".")
        given = signature.encode(errors="replace")
        if not hmac.compare_digest(given, self._signature(body).encode()):
            raise NotFound("this link is not one of this server's")
        try:
            claim = Claim(*orjson.loads(_decoded(body)))
        except (orjson.JSONDecodeError, binascii.Error, TypeError) as error:
            raise NotFound("this link is not one of this server's") from error
        if claim.expires_ns <= now_ns:
            raise BadInput("this link has expired; acknowledge the alert on its page instead")
        return claim

    def _signature(self, body: str) -> str:
        return _encoded(hmac.digest(self._known_key(), body.encode(errors="replace"), "sha256"))

    def _known_key(self) -> bytes:
        if not self._key:
            self._key = _load_key(self._file)
        return self._key


def _load_key(path: Path) -> bytes:
    """The key in a file, which is made when it is missing."""
    if path.exists() and len(found := path.read_bytes()) == _KEY_BYTES:
        return found
    made = secrets.token_bytes(_KEY_BYTES)
    partial = path.with_name(f"{path.name}.new")
    partial.unlink(missing_ok=True)
    opened = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(opened, made)
        os.fsync(opened)
    finally:
        os.close(opened)
    partial.replace(path)
    return made


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
