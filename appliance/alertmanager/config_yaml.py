"""The configuration in use as YAML, as `/api/v2/status` shows it (Alertmanager, config.Config).

Defaults and what `global` gives are filled in, secrets are masked. amtool reads the result with
the same strictness as a file.
"""

from __future__ import annotations

import dataclasses
import re
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import yaml

from appliance.alertmanager.config_keys import KEYS
from appliance.alertmanager.interval_text import interval_texts
from appliance.alertmanager.matchers import MatcherList, print_matcher
from appliance.alertmanager.time_interval import TimeInterval
from appliance.config.document import resolved_tag
from appliance.config.http_client import HttpClientConfig, TlsConfig, rebased
from appliance.config.scalars import Duration, GoDuration
from appliance.config.schema import fields_of
from appliance.config.secret import MASK, Secret, mask_url_passwords
from appliance.notify.email import EmailConfig
from appliance.notify.resolve import resolved_receiver
from appliance.notify.section import TemplatedUrl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from appliance.alertmanager.config import AlertmanagerConfig
    from appliance.notify.global_config import GlobalConfig
    from appliance.notify.receiver import Receiver

#: Texts that Go's YAML takes for something else.
_AMBIGUOUS = re.compile(r"[yYnN]|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|~|")
_GO_UNITS = (("h", 3_600_000), ("m", 60_000))


class Flow(list[Any]):
    """A list that is printed on one line."""


def print_config(config: AlertmanagerConfig, directory: Path) -> str:
    """The text.

    Args:
        directory: Of the configuration file; names of other files are relative to it.
    """
    receivers = tuple(_resolved(item, config.global_config) for item in config.receivers)
    shared = config.global_config
    if shared.http_config is None:
        shared = dataclasses.replace(shared, http_config=HttpClientConfig())
    templates = tuple(str(directory / name) for name in config.templates)
    whole = dataclasses.replace(
        config, global_config=shared, receivers=receivers, templates=templates
    )
    text: str = yaml.dump(
        _section(whole, directory),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=float("inf"),
    )
    return text


def _resolved(receiver: Receiver, shared: GlobalConfig) -> Receiver:
    """A receiver with what `global` gives; a bot's token stays what it is."""
    resolved = resolved_receiver(receiver, shared)
    slack = tuple(
        dataclasses.replace(own, http_config=own.http_config or shared.http_config)
        if own.app_token or own.app_token_file
        else dataclasses.replace(full, app_url=own.app_url)
        for own, full in zip(receiver.slack_configs, resolved.slack_configs, strict=True)
    )
    return dataclasses.replace(resolved, slack_configs=slack)


def _section(section: Any, directory: Path) -> dict[str, Any]:
    """A section's keys with plain values."""
    if isinstance(section, HttpClientConfig):
        section = rebased(section, directory)
    return dict(_pairs(section, directory))


def _pairs(section: Any, directory: Path) -> Iterator[tuple[str, Any]]:
    fields = fields_of(type(section))
    marked = _marked_keys(type(section))
    for name in [*marked, *(name for name in fields if name not in marked)]:
        if name not in fields or (isinstance(section, EmailConfig) and name == "http_config"):
            continue
        mark, value = marked.get(name, ""), getattr(section, fields[name].attribute)
        default = _default(type(section), fields[name].attribute)
        if mark == "+" and value == default:
            continue
        if isinstance(value, TlsConfig) and isinstance(section, HttpClientConfig):
            mark = "" if value == TlsConfig() else "!"
        is_empty = _is_empty(value) or (value is False and default is False)
        if mark == "!" or not is_empty:
            yield name, _interval(section, name) or _plain(value, name, directory)


def _marked_keys(section: type) -> dict[str, str]:
    """Keys in their order, with their marks."""
    # Sections that inherit without a row of their own are printed as what they inherit from.
    row = next((KEYS[cls.__name__] for cls in section.__mro__ if cls.__name__ in KEYS), "")
    return {key.rstrip("!+"): key[len(key.rstrip("!+")) :] for key in row.split()}


def _default(section: type, attribute: str) -> object:
    field = section.__dataclass_fields__[attribute]  # type: ignore[attr-defined]
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _is_empty(value: object) -> bool:
    if value is None or (not value and isinstance(value, str | tuple | dict)):
        return True
    if isinstance(value, int) and not isinstance(value, bool):
        return not value
    return isinstance(value, TlsConfig) and value == TlsConfig()


def _interval(section: object, name: str) -> list[Any] | None:
    if not isinstance(section, TimeInterval):
        return None
    texts = interval_texts(section, name)
    return texts if name == "times" else Flow(texts)


def _plain(value: Any, name: str, directory: Path) -> Any:
    """A value as YAML knows it."""
    if isinstance(value, MatcherList):
        return [print_matcher(matcher) for matcher in value]
    if isinstance(value, dict):
        return {str(key): _plain(item, name, directory) for key, item in sorted(value.items())}
    if isinstance(value, list | tuple):
        items = [_plain(item, name, directory) for item in value]
        is_nested = bool(value) and isinstance(value[0], MatcherList)
        return [text for item in items for text in item] if is_nested else items
    if dataclasses.is_dataclass(value):
        return _section(value, directory)
    return _scalar(value, name)


def _scalar(value: Any, name: str) -> Any:
    shown = value
    if isinstance(value, Secret):
        shown = _masked(value)
    elif isinstance(value, Duration):
        is_go = isinstance(value, GoDuration) or name == "timeout"
        shown = _go_duration(value) if is_go else str(value)
    elif isinstance(value, Enum):
        shown = value.value
    elif isinstance(value, str):
        # Where a password stands, Go's parser of addresses, that is amtool, takes no `<`.
        shown = mask_url_passwords(str(value)).replace(f":{MASK}@", ":xxxxx@")
    elif isinstance(value, int) and not isinstance(value, bool):
        shown = int(value)
    return shown


def _masked(secret: Secret) -> str:
    """A mask; of a webhook's address what comes before its path.

    Differs from Alertmanager: it masks the address as a whole, which an amtool of before 0.26
    takes for no address.
    """
    if isinstance(secret, TemplatedUrl) and secret:
        parts = urlsplit(secret.reveal())
        host = parts.netloc.rpartition("@")[2]
        if host and "{{" not in f"{parts.scheme}{host}":
            return f"{parts.scheme}://{host}/{MASK}"
    return MASK


def _go_duration(milliseconds: int) -> str:
    """As Go's time.Duration prints it: `1m30s`, `1h0m0s`, `1.5s`."""
    text, rest = "", int(milliseconds)
    for unit, size in _GO_UNITS:
        if text or rest >= size:
            text += f"{rest // size}{unit}"
            rest %= size
    if not text and 0 < rest < 1000:
        return f"{rest}ms"
    return f"{text}{rest / 1000:g}s"


class _Dumper(yaml.SafeDumper):
    """Prints as Go's YAML does: double quotes where a text could be taken for something else."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        """Equal values are printed again."""
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = None
    if "\n" in text:
        style = "|"
    elif _AMBIGUOUS.fullmatch(text) or resolved_tag(text) != "tag:yaml.org,2002:str":
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _represent_flow(dumper: yaml.SafeDumper, items: Flow) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=True)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(Flow, _represent_flow)
