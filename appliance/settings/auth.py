"""Settings of who may do what."""

from __future__ import annotations

from appliance.config.schema import key, section
from appliance.config.secret import Secret


@section
class Auth:
    """Who may do what."""

    ui: str = key(default="none", unavailable=True)
    ingest_token: Secret | None = None
