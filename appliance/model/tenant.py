"""Names of tenants (Grafana dskit, `tenant.ValidTenantID`)."""

from __future__ import annotations

import re

_TENANT = re.compile(r"[A-Za-z0-9!\-_.*'()]{1,150}")


def is_tenant(text: str) -> bool:
    """Whether a text can name a tenant."""
    return bool(_TENANT.fullmatch(text)) and text not in {".", ".."}
