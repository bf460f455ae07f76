"""Silences that clients post to Alertmanager's API v2."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.model.matcher import Matcher, MatchOp
from appliance.wire.alertmanager.fields import (
    TOO_FEW,
    BodyRefused,
    Readers,
    document_of,
    field_flag,
    field_text,
    fields_of,
    label_set,
    mismatch,
    required,
    time,
    unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_SILENCE = 'struct { ID string "json:\\"id,omitempty\\"" }'
#: Operators by (isRegex, isEqual).
_OPS = {
    (False, True): MatchOp.EQUAL,
    (False, False): MatchOp.NOT_EQUAL,
    (True, True): MatchOp.REGEX,
    (True, False): MatchOp.NOT_REGEX,
}


@dataclass(frozen=True, slots=True)
class PostedSilence:
    """A silence as it was sent; its matchers are not checked, zero times are None."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_ns: int | None
    ends_ns: int | None
    created_by: str
    comment: str
    annotations: Mapping[str, str]


def read_silence(body: bytes) -> PostedSilence:
    """The silence of a body.

    Raises:
        BodyRefused: It is none, or something is missing.
    """
    document = document_of(body, "silence")
    try:
        given = _fields({} if document is None else document)
    except BadInput as error:
        raise unreadable("silence", error) from error
    for name in ("comment", "createdBy", "endsAt", "matchers", "startsAt"):
        if name not in given:
            raise required(name)
        if name == "matchers":
            _check(given[name])
    return PostedSilence(
        given.get("id", ""),
        tuple(_matcher(item) for item in given["matchers"]),
        given["startsAt"].at_ns,
        given["endsAt"].at_ns,
        given["createdBy"],
        given["comment"],
        given.get("annotations", {}),
    )


def _fields(document: object) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise mismatch(document, f"value of type {_SILENCE}")
    # As with alerts, the part of a posted silence is read first, then that of all silences.
    own: Readers = {"id": partial(field_text, at=".id")}
    shared: Readers = {
        "annotations": partial(label_set, at="Silence.annotations"),
        "comment": partial(field_text, at="Silence.comment"),
        "createdBy": partial(field_text, at="Silence.createdBy"),
        "endsAt": time,
        "startsAt": time,
        "matchers": _matchers,
    }
    return fields_of(document, own) | fields_of(document, shared)


def _matchers(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise mismatch(value, "struct field Silence.matchers of type models.Matchers")
    return [_matcher_fields(item, f"Silence.matchers.{index}") for index, item in enumerate(value)]


def _matcher_fields(item: object, at: str) -> dict[str, Any]:
    if item is None:  # which makes the original end the connection
        return {}
    if not isinstance(item, dict):
        raise mismatch(item, f"struct field {at} of type models.Matcher")
    readers: Readers = {
        name: partial(field_text, at=f"{at}.{name}") for name in ("name", "value")
    } | {name: partial(field_flag, at=f"{at}.{name}") for name in ("isRegex", "isEqual")}
    return fields_of(item, readers)


def _check(matchers: list[dict[str, Any]]) -> None:
    if not matchers:
        raise BodyRefused(TOO_FEW, "matchers in body should have at least 1 items")
    for index, given in enumerate(matchers):
        for name in ("isRegex", "name", "value"):
            if name not in given:
                raise required(f"matchers.{index}.{name}")


def _matcher(given: Mapping[str, Any]) -> Matcher:
    return Matcher(
        given["name"], _OPS[given["isRegex"], given.get("isEqual", True)], given["value"]
    )
