"""What every section can do: be made of keywords, be compared, be shown, stay as it is.

`dataclass` writes and compiles these methods anew for each class, which takes about a millisecond
for a section. There are a hundred of them, few objects of each, and all are made while the server
starts. Hence one set of methods that looks at the fields.
"""

from __future__ import annotations

from dataclasses import MISSING, FrozenInstanceError, fields
from typing import Any, NoReturn


def make(self: Any, /, **values: object) -> None:
    """Set all fields, those not given to their defaults.

    Raises:
        TypeError: A field without a default is not given, or there is none of a name.
    """
    for field in fields(self):
        if field.name in values:
            value = values.pop(field.name)
        elif field.default is not MISSING:
            value = field.default
        elif field.default_factory is not MISSING:
            value = field.default_factory()
        else:
            raise TypeError(f"{type(self).__name__} needs {field.name!r}")
        object.__setattr__(self, field.name, value)
    if values:
        raise TypeError(f"{type(self).__name__} has no {', '.join(map(repr, values))}")


def equals(self: Any, other: object) -> Any:
    """Whether both are of one class and all their fields are equal."""
    if other.__class__ is not self.__class__:
        return NotImplemented
    return self is other or _values(self) == _values(other)


def hashed(self: Any) -> int:
    """The hash of all fields.

    Raises:
        TypeError: One of them, such as a mapping, has none.
    """
    return hash(_values(self))


def shown(self: Any) -> str:
    """The class and all fields but hidden ones."""
    pairs = (f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({', '.join(pairs)})"


def refuse_change(self: Any, name: str, value: object = None) -> NoReturn:  # noqa: ARG001 - as Python calls it
    """A section never changes.

    Raises:
        FrozenInstanceError: Always.
    """
    raise FrozenInstanceError(f"cannot change {name!r} of a {type(self).__name__}")


METHODS = {
    "__init__": make,
    "__eq__": equals,
    "__hash__": hashed,
    "__repr__": shown,
    "__setattr__": refuse_change,
    "__delattr__": refuse_change,
}


def _values(section: Any) -> tuple[Any, ...]:
    return tuple(getattr(section, field.name) for field in fields(section) if field.compare)
