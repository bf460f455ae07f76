"""HTTP's basic authentication (RFC 7617)."""

from __future__ import annotations

import base64


def basic_login(user: str, password: str) -> str:
    """The `Authorization` header of a user."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
