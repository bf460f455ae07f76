"""The secrets of an integration: read where they are sent, masked wherever they would be shown.

Invariant: what `mask` gives holds no secret of the section, nor of a file that was read here. What
it puts in their place names the key, so that `reveal` can put today's secret back when a recorded
request is sent again.
"""

from __future__ import annotations

import base64
import dataclasses
import re
from collections import OrderedDict
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, urlsplit

import orjson

from appliance.config.http_client import BasicAuth
from appliance.config.secret import Secret, mask_url_passwords
from appliance.notify.integration import NotifyFailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MASKED = re.compile(r"<secret:([\w.]+)>")
_MASKED_URL = re.compile(r"https?://[^/\s\"']*/<secret:([\w.]+)>")
#: More than the flushes of a receiver that are under way at the same time.
_FORMER = 200
#: Shorter texts are replaced only where they stand alone: they occur by chance.
_SHORT = 8


class Secrets:
    """The secrets of one section.

    Args:
        config: A section; sections within it count, too.
        directory: What `*_file` names are relative to.
    """

    def __init__(self, config: object, directory: Path) -> None:
        self._config = config
        self._directory = directory
        self._known: dict[str, str] = {}
        self._forms: list[tuple[str, str]] | None = None
        #: Values that were replaced: requests with them may be under way.
        self._former: OrderedDict[tuple[str, str], None] = OrderedDict()
        for name, secret in _secrets_of(config):
            self._known[name] = secret.reveal()

    def get(self, name: str) -> str:
        """A secret, given as `name` or in the file `name_file`; empty if neither is.

        Raises:
            NotifyFailed: The file cannot be read.
        """
        value = getattr(self._config, name, None)
        if value:
            return value.reveal() if isinstance(value, Secret) else str(value)
        file = getattr(self._config, f"{name}_file", "")
        if not file:
            return ""
        try:
            text = (self._directory / file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            message = f"could not read {name}_file {file!r}: {reason.lower()}"
            raise NotifyFailed(message, is_retryable=False) from error
        self.add(name, text)
        return text

    def add(self, name: str, text: str) -> None:
        """Keep one more text secret, such as an address after its template was rendered."""
        if not text or self._known.get(name) == text:
            return
        self._forms = None
        before = self._known.get(name, text)
        self._known[name] = text
        self._former.pop((name, text), None)
        if before != text and "{{" not in before:
            self._former[name, before] = None
            if len(self._former) > _FORMER:
                self._former.popitem(last=False)

    def mask(self, text: str) -> str:
        """A text with every secret replaced by the name of its key."""
        for form, shown in self._written():
            if form not in text:
                continue
            if len(form) < _SHORT:
                alone = rf"(?<![\w<:]){re.escape(form)}(?![\w>])"
                text = re.sub(alone, lambda _, shown=shown: shown, text)  # type: ignore[misc]
            elif shown.startswith(form):  # an address without a path, maybe masked before
                text = text.replace(shown, form).replace(form, shown)
            else:
                text = text.replace(form, shown)
        return mask_url_passwords(text)

    def _written(self) -> list[tuple[str, str]]:
        """All ways to write the secrets, the longest secrets first, and what stands instead."""
        if self._forms is None:
            known = [*self._known.items(), *self._former]
            known.sort(key=lambda item: -len(item[1]))
            self._forms = [pair for name, secret in known for pair in _forms(name, secret)]
        return self._forms

    def reveal(self, text: str) -> str:
        """A masked text with today's secrets put back.

        Raises:
            NotifyFailed: One of them is not known any more.
        """
        text = _MASKED_URL.sub(lambda found: self._current(found[1]), text)
        return _MASKED.sub(lambda found: self._current(found[1]), text)

    def _current(self, name: str) -> str:
        text = "" if "." in name else self.get(name)
        text = text if text and "{{" not in text else self._known.get(name, "")
        if not text or "{{" in text:
            message = f"{name} is made by a template or is gone: the request cannot be sent again"
            raise NotifyFailed(message, is_retryable=False)
        return text


def _secrets_of(section: object, prefix: str = "") -> Iterator[tuple[str, Secret]]:
    """Secrets of a section and of those within, by dotted name."""
    if isinstance(section, Secret):
        if section:
            yield prefix.rstrip("."), section
    elif dataclasses.is_dataclass(section):
        if isinstance(section, BasicAuth) and section.password:
            pair = f"{section.username}:{section.password.reveal()}"
            yield f"{prefix}login", Secret(base64.b64encode(pair.encode()).decode())
        for field in dataclasses.fields(section):
            yield from _secrets_of(getattr(section, field.name), f"{prefix}{field.name}.")
    elif isinstance(section, dict):
        for key, value in section.items():
            yield from _secrets_of(value, f"{prefix}{key}.")
    elif isinstance(section, tuple):
        for index, value in enumerate(section):
            yield from _secrets_of(value, f"{prefix}{index}.")


def _forms(name: str, secret: str) -> Iterator[tuple[str, str]]:
    """How a secret may be written, and what stands there instead: of an address, host and name."""
    shown = f"<secret:{name}>"
    parts = urlsplit(secret) if secret.startswith(("http://", "https://")) else None
    if parts is not None:
        host = parts.netloc.rpartition("@")[2]
        shown = f"{parts.scheme}://{host}/{shown}"
    written = (secret, orjson.dumps(secret)[1:-1].decode(), quote(secret, safe=""))
    for form in dict.fromkeys((*written, quote_plus(secret))):
        yield form, shown
    if parts is not None:
        rest = secret.partition("://")[2].partition("/")[2]
        if len(rest) >= _SHORT:
            yield rest, f"<secret:{name}>"
