"""How a notification is called, by machines and by people, and where it goes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.notify.integration import Renderer
    from appliance.notify.message import Message
    from appliance.notify.secrets import Secrets


def group_hash(message: Message) -> str:
    """SHA-256 of the group's key in hex: what receivers tell groups apart by."""
    return hashlib.sha256(message.group_key.encode()).hexdigest()


def headline(message: Message) -> str:
    """A line for a notification whose title cannot be rendered."""
    firing = len(message.firing)
    state = f"FIRING:{firing}" if firing else "RESOLVED"
    names = sorted({alert.name for alert in message.alerts})
    return f"[{state}] {' '.join(names)}"


def below(url: str | None, path: str) -> str:
    """An address below another one, whether that ends in a slash or not."""
    return f"{(url or '').rstrip('/')}/{path}"


def templated_secret(secrets: Secrets, name: str, renderer: Renderer) -> str:
    """A secret that may be a template; what it gives is not shown either.

    Raises:
        NotifyFailed: It is in a file that cannot be read, or the template fails.
    """
    text = secrets.get(name)
    if "{{" in text:
        text = renderer.text(text, instead="")
        secrets.add(name, text)
    return text
