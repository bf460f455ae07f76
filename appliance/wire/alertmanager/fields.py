"""Fields of bodies as Alertmanager's framework (go-openapi) reads and refuses them.

The framework reads the whole body first (wrong kinds: 400), then looks for what is required and
for formats (422, with a code of its own).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.wire.alertmanager.go_json import EmptyBody, kind_of, read_json
from appliance.wire.alertmanager.times import parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Codes of the framework (go-openapi/errors).
BROKEN, INVALID_TYPE, REQUIRED, TOO_FEW = 400, 601, 602, 612
Readers = dict[str, "Callable[[Any], Any]"]


class BodyRefused(BadInput):
    """A body the framework refuses.

    Attributes:
        code: Its own code; 400 when the body could not be read at all, else the status is 422.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class GivenTime:
    """A time that was given, though it may be Go's zero time (None)."""

    at_ns: int | None


def document_of(body: bytes, name: str) -> Any:
    """The JSON value of a body.

    Raises:
        BodyRefused: There is none, or it is broken.
    """
    try:
        return read_json(body)
    except EmptyBody:
        raise required(name) from None
    except BadInput as error:
        raise unreadable(name, error) from error


def fields_of(item: Mapping[str, Any], readers: Readers) -> dict[str, Any]:
    """Fields of an object that are known and not null.

    They are read in the order of the document, since the first wrong one is what is told.

    Raises:
        BadInput: As the readers say.
    """
    return {
        name: readers[name](value)
        for name, value in item.items()
        if name in readers and value is not None
    }


def label_set(value: object, at: str) -> dict[str, str]:
    """An object of texts; null is the empty text.

    Raises:
        BadInput: Something else.
    """
    if not isinstance(value, dict):
        raise mismatch(value, f"struct field {at} of type models.LabelSet")
    return {
        name: "" if item is None else field_text(item, f"{at}.{name}")
        for name, item in value.items()
    }


def field_text(value: object, at: str) -> str:
    """A text in a field.

    Raises:
        BadInput: Something else.
    """
    if not isinstance(value, str):
        raise mismatch(value, f"struct field {at} of type string")
    return value


def field_flag(value: object, at: str) -> bool:
    """A truth value in a field.

    Raises:
        BadInput: Something else.
    """
    if not isinstance(value, bool):
        raise mismatch(value, f"struct field {at} of type bool")
    return value


def text(value: object) -> str:
    """A text that has a format of its own.

    Raises:
        BadInput: Something else.
    """
    if not isinstance(value, str):
        raise mismatch(value, "value of type string")
    return value


def time(value: object) -> GivenTime:
    """A time.

    Raises:
        BadInput: Something else.
    """
    return GivenTime(parse_time(text(value)))


def mismatch(value: object, target: str) -> BadInput:
    """The refusal of a value of the wrong kind, in Go's words."""
    return BadInput(f"json: cannot unmarshal {kind_of(value)} into Go {target}")


def required(name: str) -> BodyRefused:
    """The refusal of a body in which something is missing."""
    return BodyRefused(REQUIRED, f"{name} in body is required")


def unreadable(name: str, error: BadInput) -> BodyRefused:
    """The refusal of a body that cannot be read."""
    return BodyRefused(BROKEN, f'parsing {name} body from "" failed, because {error.message}')
