"""Alerts that clients post to Alertmanager's API v2."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from appliance.base.errors import BadInput
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

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALERT = (
    'struct { Annotations models.LabelSet "json:\\"annotations,omitempty\\"";'
    ' EndsAt strfmt.DateTime "json:\\"endsAt,omitempty\\"";'
    ' StartsAt strfmt.DateTime "json:\\"startsAt,omitempty\\"" }'
)
_BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
_BAD_URL = re.compile(r"[\x00-\x20\x7f]")
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


def read_alerts(body: bytes) -> list[PostedAlert]:
    """The alerts of a body.

    Raises:
        BodyRefused: It is none, or one of them lacks labels or has an unusable address.
    """
    document = document_of(body, "alerts")
    try:
        if not isinstance(document, list | None):
            raise mismatch(document, "value of type models.PostableAlerts")
        found = [_fields(item) for item in document or ()]
    except BadInput as error:
        raise unreadable("alerts", error) from error
    for index, given in enumerate(found):
        _check(index, given)
    return [_alert(given) for given in found]


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
