"""What notifications' data has, by type: for finding slips without executing a template."""

from __future__ import annotations

import difflib
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Type(Enum):
    """A type of the data; the value is how people call it."""

    DATA = "the notification"
    ALERTS = "the list of alerts"
    SOME_ALERTS = "a list of alerts"
    ALERT = "an alert"
    KV = "labels or annotations"
    PAIRS = "a list of names and values"
    PAIR = "a name and value"
    NAMES = "a list of texts"
    TEXT = "a text"
    NUMBER = "a number"
    TIME = "a time"
    UNKNOWN = "something"


FIELDS: Mapping[Type, Mapping[str, Type]] = {
    Type.DATA: {
        "Receiver": Type.TEXT,
        "Status": Type.TEXT,
        "Alerts": Type.ALERTS,
        "NotificationReason": Type.TEXT,
        "GroupLabels": Type.KV,
        "CommonLabels": Type.KV,
        "CommonAnnotations": Type.KV,
        "ExternalURL": Type.TEXT,
        "RouteLabels": Type.KV,
        "Links": Type.KV,
    },
    Type.ALERTS: {"Firing": Type.SOME_ALERTS, "Resolved": Type.SOME_ALERTS},
    Type.SOME_ALERTS: {},
    Type.ALERT: {
        "Status": Type.TEXT,
        "Labels": Type.KV,
        "Annotations": Type.KV,
        "StartsAt": Type.TIME,
        "EndsAt": Type.TIME,
        "GeneratorURL": Type.TEXT,
        "Fingerprint": Type.TEXT,
    },
    Type.PAIRS: {"Names": Type.NAMES, "Values": Type.NAMES, "String": Type.TEXT},
    Type.PAIR: {"Name": Type.TEXT, "Value": Type.TEXT},
    Type.NAMES: {"Join": Type.TEXT},
    Type.TEXT: {},
    Type.NUMBER: {},
}
#: Labels and annotations have these methods; any other name is a key.
_KV_METHODS = {
    "Names": Type.NAMES, "Values": Type.NAMES, "SortedPairs": Type.PAIRS, "Remove": Type.KV,
    "String": Type.TEXT,
}  # fmt: skip
ELEMENTS = {
    Type.ALERTS: Type.ALERT,
    Type.SOME_ALERTS: Type.ALERT,
    Type.PAIRS: Type.PAIR,
    Type.NAMES: Type.TEXT,
    Type.KV: Type.TEXT,
}
#: What functions give, where a slip could follow.
RESULTS = {
    **dict.fromkeys(
        [
            "toUpper",
            "toLower",
            "title",
            "join",
            "reReplaceAll",
            "trimSpace",
            "toJson",
            "date",
            "print",
            "printf",
            "println",
            "html",
            "js",
            "urlquery",
            "humanizeDuration",
            "urlUnescape",
            "base64encode",
            "base64decode",
            "routeLabels",
        ],
        Type.TEXT,
    ),
    "len": Type.NUMBER,
    "now": Type.TIME,
    "stringSlice": Type.UNKNOWN,
    "toDate": Type.TIME,
    "tz": Type.TIME,
}


def field_type(owner: Type, name: str) -> Type | None:
    """The type of a field or method; None when there is none of that name."""
    if owner is Type.KV:
        return _KV_METHODS.get(name, Type.TEXT)
    fields = FIELDS.get(owner)
    return Type.UNKNOWN if fields is None else fields.get(name)


def wrong_field(owner: Type, name: str) -> str:
    """What is wrong with a field that does not exist, and what would be right."""
    if owner is Type.DATA and name in {"Labels", "Annotations"}:
        return (
            f".{name} is not a field of a notification, only of its alerts: use .Common{name},"
            " or put it within {{ range .Alerts }} … {{ end }}"
        )
    if owner is Type.DATA and name in FIELDS[Type.ALERT]:
        return (
            f".{name} is not a field of a notification, only of its alerts: put it within"
            " {{ range .Alerts }} … {{ end }}"
        )
    known = list(FIELDS.get(owner, ()))
    text = f".{name} is not a field of {owner.value}"
    if owner in {Type.ALERTS, Type.SOME_ALERTS} and name in FIELDS[Type.ALERT]:
        return f"{text}, only of each: put it within {{{{ range … }}}} … {{{{ end }}}}"
    if owner is Type.ALERT and name in FIELDS[Type.DATA]:
        return f"{text}, only of the notification: use $.{name}"
    return text + suggestion(name, known, "." if known else "")


def suggestion(name: str, known: list[str], prefix: str = "") -> str:
    """What a name was probably meant to be, else what there is; to be added to a message."""
    lower = {each.lower(): each for each in known}
    near = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.75)
    if near:
        return f": did you mean {prefix}{lower[near[0]]}?"
    return (
        f": there are {', '.join(prefix + each for each in known)}" if 0 < len(known) < 12 else ""
    )
