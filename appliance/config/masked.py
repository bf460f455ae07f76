"""Configuration as it may be shown: the text of a file with every secret replaced."""

from __future__ import annotations

import dataclasses
import re
from enum import Enum
from typing import TYPE_CHECKING, Any

import yaml

from appliance.config.document import compose
from appliance.config.secret import MASK, mask_url_passwords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_SECRET_KEYS = re.compile(
    r"(^|_)(password|passwd|secret|token|credentials|key|dsn|webhook|auth_username)$"
    r"|^(service_key|routing_key|api_key|slack_api_url|api_url|webhook_url|smtp_auth_\w+)$"
)
#: Keys below which every value is secret.
SECRET_SECTIONS = {"secrets", "proxy_connect_header"}
_NOT_SECRET = {"honor_labels", "target_label", "source_key"}


def mask_yaml(text: str) -> str:
    """A YAML document with secret values replaced; the empty string when it is not YAML."""
    node, problems = compose(text, "")
    if node is None or problems:
        return ""
    _mask(node)
    shown: str = yaml.serialize(node, Dumper=yaml.SafeDumper)
    return shown


def _mask(node: yaml.Node, *, is_secret: bool = False) -> None:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _mask(item, is_secret=is_secret)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = str(key.value)
            is_scalar = isinstance(value, yaml.ScalarNode)
            below = is_secret or name in SECRET_SECTIONS or (is_scalar and is_secret_key(name))
            _mask(value, is_secret=below)
    elif isinstance(node, yaml.ScalarNode):
        if is_secret:
            node.value, node.tag, node.style = MASK, "tag:yaml.org,2002:str", None
        else:
            node.value = mask_url_passwords(node.value)


def is_secret_key(name: str) -> bool:
    """Whether the value of a key must not be shown."""
    return name not in _NOT_SECRET and _SECRET_KEYS.search(name) is not None


def flat_settings(section: Any, show: Callable[[Any], str] | None = None) -> dict[str, str]:
    """Settings by dotted name, as text; secrets say so of themselves.

    Args:
        show: Makes a text of a value; None for Python's own, as far as possible.
    """
    return dict(_flat(section, "", show or _shown))


def _flat(section: Any, prefix: str, show: Callable[[Any], str]) -> Iterator[tuple[str, str]]:
    for field in dataclasses.fields(section):
        options = field.metadata.get("options")
        if options is not None and options.hidden:
            continue
        value = getattr(section, field.name)
        if dataclasses.is_dataclass(value) and not hasattr(value, "from_text"):
            yield from _flat(value, f"{prefix}{field.name}.", show)
        else:
            yield prefix + field.name, show(value)


def _shown(value: Mapping[str, Any] | object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    return "" if value is None else str(value)
