"""Slips in notification templates that the original notices only when a page is lost.

A notification is about a group: `.Labels` and `.Annotations` belong to single alerts, so outside of
`{{ range .Alerts }}` they make the template fail, and the notification is dropped.
"""

from __future__ import annotations

import re

from appliance.base.errors import BadInput

_ACTION = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
_OPENING = re.compile(r"\s*(range|with|define|block|if)\b")
_ALERT_FIELD = re.compile(r"(?<![\w$)])\.(Annotations|Labels)\b")


class _AnyName:
    """Holds every name: whether a function exists is not what is looked at."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str)


def syntax_fault(template: str) -> str:
    """What makes a template unreadable, in Go's words; empty when nothing does."""
    if "{{" not in template:
        return ""
    from appliance.gotemplate.parser import parse  # noqa: PLC0415 - few settings are checked

    try:
        parse("", template, _AnyName())
    except BadInput as error:
        return error.message
    return ""


def find_alert_fields(template: str) -> list[str]:
    """Fields of single alerts that a template uses where the dot is the whole notification.

    Returns:
        `Annotations` or `Labels`, each at most once, in order.
    """
    blocks: list[str] = []
    found: list[str] = []
    for action in _ACTION.finditer(template):
        text = action[1]
        moves_dot = any(block != "if" for block in blocks)
        if not moves_dot:
            found += [name for name in _ALERT_FIELD.findall(text) if name not in found]
        if opening := _OPENING.match(text):
            blocks.append(opening[1])
        elif text.strip() == "end" and blocks:
            blocks.pop()
    return found
