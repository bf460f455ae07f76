"""Rendered text → a structure, where it reads as one (Alertmanager, DeepCopyWithTemplate).

`{{ .Alerts.Firing | toJson }}` becomes a list, `{{ len .Alerts }}` a number, other text stays text.
"""

from __future__ import annotations

from typing import Any

_PLAIN_MAX_CHARS = 1 << 20
_NULLS = {"", "~", "null", "Null", "NULL"}


def structure_of(text: str) -> Any:
    """What a text reads as in YAML: null, a truth value, a number, a list, a map, or itself.

    Differs from Alertmanager: what is found is not taken for templates again, so that a label
    cannot run one; aliases are text, so that a small text cannot become a huge structure.
    """
    if len(text) > _PLAIN_MAX_CHARS or ("&" in text and "*" in text and not _is_json(text)):
        return text
    import yaml  # noqa: PLC0415 - 20 ms that most notifications need not pay

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        found = yaml.load(text, Loader=loader)  # noqa: S506 - it is the safe one
    except (yaml.YAMLError, ValueError, RecursionError):
        return text
    if found is None:
        return None if text.strip() in _NULLS else text
    return _cleaned(found) if isinstance(found, bool | int | float | list | dict) else text


def _is_json(text: str) -> bool:
    import orjson  # noqa: PLC0415 - only where aliases may be

    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _cleaned(value: Any) -> Any:
    """Without keys that are no texts; dates, which YAML sees everywhere, are texts."""
    match value:
        case dict():
            return {key: _cleaned(item) for key, item in value.items() if isinstance(key, str)}
        case list():
            return [_cleaned(item) for item in value]
        case None | bool() | int() | float() | str():
            return value
    return str(value)
