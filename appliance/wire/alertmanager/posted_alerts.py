"""Alerts that clients post to Alertmanager's API v2."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from appliance.base.errors import BadInput, TooLarge
from appliance.wire.alertmanager.fields import (
    INVALID_TYPE,
    BodyRefused,
    GivenTime,
    Readers,
    document_of,
    fields_of,
    label_set,
    mismatch,
    required,
    text,
    time,
    unreadable,
)
from appliance.wire.alertmanager.times import parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALERT = (
    'struct { Annotations models.LabelSet "json:\\"annotations,omitempty\\"";'
    ' EndsAt strfmt.DateTime "json:\\"endsAt,omitempty\\"";'
    ' StartsAt strfmt.DateTime "json:\\"startsAt,omitempty\\"" }'
)
_BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
_BAD_URL = re.compile(r"[\x00-\x20\x7f]")
#: Times and addresses that need not be read again: the alerts of a rule share them.
_REMEMBERED = 4096
#: Longer texts are not remembered.
_SHORT_CHARS = 500
# The framework reads an alert twice: first the part of a posted one, then that of all alerts.
_OWN: Readers = {
    "annotations": partial(label_set, at=".annotations"),
    "startsAt": time,
    "endsAt": time,
}
_SHARED: Readers = {
    "generatorURL": text,
    "labels": partial(label_set, at="Alert.labels"),
}


@dataclass(frozen=True, slots=True)
class PostedAlert:
    """An alert as it was sent; times that were not given are None."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str] = field(default_factory=dict)
    starts_ns: int | None = None
    ends_ns: int | None = None
    generator_url: str = ""


def read_alerts(body: bytes, *, most: int | None = None) -> list[PostedAlert]:
    """The alerts of a body.

    Args:
        most: More than these are not read: small ones keep forty times their text in memory.

    Raises:
        TooLarge: There are more.
        BodyRefused: It is none, or one of them lacks labels or has an unusable address.
    """
    # Each has labels; they may be written otherwise, and be a label's name, but hardly ever are.
    if most is not None and body.count(b'"labels"') > 2 * most:
        raise _too_many(most)
    document = document_of(body, "alerts")
    if most is not None and isinstance(document, list) and len(document) > most:
        raise _too_many(most)
    usual = _usual(document)
    if usual is not None:
        return usual
    try:
        if not isinstance(document, list | None):
            raise mismatch(document, "value of type models.PostableAlerts")
        found = [_fields(item) for item in document or ()]
    except BadInput as error:
        raise unreadable("alerts", error) from error
    for index, given in enumerate(found):
        _check(index, given)
    return [_alert(given) for given in found]


def _usual(document: object) -> list[PostedAlert] | None:
    """Alerts in which nothing is wrong or odd; None when one has to be looked at closely."""
    if not isinstance(document, list):
        return None
    found: list[PostedAlert] = []
    try:
        for item in document:
            get = item.get
            labels, annotations = get("labels"), get("annotations", {})
            url = get("generatorURL", "")
            if not (_are_texts(labels) and _are_texts(annotations) and _is_usual_url(url)):
                return None
            times = _usual_time(get("startsAt")), _usual_time(get("endsAt"))
            found.append(PostedAlert(labels, annotations, *times, url))
    except (BadInput, AttributeError, TypeError):
        return None
    return found


def _are_texts(value: object) -> bool:
    return isinstance(value, dict) and set(map(type, value.values())) <= {str}


def _is_usual_url(url: object) -> bool:
    return url == "" or (
        isinstance(url, str) and len(url) <= _SHORT_CHARS and _known_request_uri(url)
    )


def _usual_time(text: str | None) -> int | None:
    if text is None:
        return None
    return _known_time(text) if len(text) <= _SHORT_CHARS else parse_time(text)


def _too_many(most: int) -> TooLarge:
    return TooLarge(f"more than {most} alerts in one request", limit="alertmanager.max_alerts")


def _fields(item: object) -> dict[str, Any]:
    if item is None:  # which makes the original end the connection
        return {}
    if not isinstance(item, dict):
        raise mismatch(item, f"value of type {_ALERT}")
    return fields_of(item, _OWN) | fields_of(item, _SHARED)


def _check(index: int, given: Mapping[str, Any]) -> None:
    url = given.get("generatorURL")
    if url and not _is_request_uri(url):
        message = f'{index}.generatorURL in body must be of type uri: "{url}"'
        raise BodyRefused(INVALID_TYPE, message)
    if "labels" not in given:
        raise required(f"{index}.labels")


def _alert(given: Mapping[str, Any]) -> PostedAlert:
    nothing = GivenTime(None)
    return PostedAlert(
        given["labels"],
        given.get("annotations", {}),
        given.get("startsAt", nothing).at_ns,
        given.get("endsAt", nothing).at_ns,
        given.get("generatorURL", ""),
    )


def _is_request_uri(url: str) -> bool:
    """Whether Go's url.ParseRequestURI takes an address: absolute, or an absolute path."""
    if _BAD_URL.search(url) or _BAD_ESCAPE.search(url):
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return bool(parts.scheme) or url.startswith("/")


_known_time = lru_cache(_REMEMBERED)(parse_time)
_known_request_uri = lru_cache(_REMEMBERED)(_is_request_uri)
