"""How a dataclass says what a section of a file may hold.

A section is a class under `@section`: frozen, slotted, keyword-only. A field's type says what is
accepted, its default makes the key optional; `key` adds what a type cannot say. A method
`check(self, report)` finds what only several keys together show. A section that may also be written
as one scalar has `from_text`, and `has_short_form` set.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from dataclasses import MISSING, dataclass
from importlib import import_module
from typing import Any, TypeVar

from appliance.config.section_methods import METHODS

if typing.TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")
#: Makes the help for an entry of the wrong kind: (entry's key, columns it is indented) -> text.
KindHint = Callable[[str, int], str]


@dataclass(frozen=True, slots=True)
class KeyOptions:
    """What `key` adds to a field.

    Attributes:
        name: The key in the file, when it is not the field's name.
        unavailable: Accepted and kept, but without effect yet: a warning says so.
        literal: No variables are expanded within, since `$` has a meaning of its own there.
        single: A lone scalar stands for a list of one.
        null_is_empty: A key without a value is an empty section instead of an absent one.
        kind_hint: Help for an entry of a mapping that has the wrong kind.
        hidden: Not a key of the file: set by the program, and not printed.
        list_of: The section, as `module:class`, that the key has a list of. It is imported when a
            file has the key; the field's hint is for readers and type checkers.
    """

    name: str = ""
    unavailable: bool = False
    literal: bool = False
    single: bool = False
    null_is_empty: bool = False
    kind_hint: KindHint | None = None
    hidden: bool = False
    list_of: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A key of a section, ready for the decoder."""

    attribute: str
    name: str
    hint: Any
    is_required: bool
    options: KeyOptions

    @property
    def type(self) -> Any:
        """What is accepted, without `| None`."""
        if not self.options.list_of:
            return self.hint
        module, _, name = self.options.list_of.partition(":")
        return tuple[getattr(import_module(module), name), ...]  # type: ignore[misc]


def key(  # noqa: PLR0913 - keywords only, as in dataclasses.field
    name: str = "",
    *,
    default: Any = MISSING,
    default_factory: Any = MISSING,
    unavailable: bool = False,
    literal: bool = False,
    single: bool = False,
    null_is_empty: bool = False,
    kind_hint: KindHint | None = None,
    hidden: bool = False,
    list_of: str = "",
) -> Any:
    """A field with options; see `KeyOptions`."""
    options = KeyOptions(
        name, unavailable, literal, single, null_is_empty, kind_hint, hidden, list_of
    )
    shared: dict[str, Any] = {"metadata": {"options": options}, "repr": not hidden}
    if default_factory is not MISSING:
        return dataclasses.field(default_factory=default_factory, **shared)
    return dataclasses.field(default=default, **shared)


@typing.dataclass_transform(
    kw_only_default=True, frozen_default=True, field_specifiers=(key, dataclasses.field)
)
def section(cls: type[T]) -> type[T]:
    """Make a class a section of a configuration file."""
    for name, method in METHODS.items():
        if name not in cls.__dict__:
            setattr(cls, name, method)
    return dataclass(init=False, repr=False, eq=False, slots=True, kw_only=True)(cls)


_FIELDS: dict[type, dict[str, Field]] = {}


def fields_of(cls: type) -> Mapping[str, Field]:
    """The keys a section knows, by their name in the file."""
    known = _FIELDS.get(cls)
    if known is None:
        items = dataclasses.fields(cls)
        later = [_options(item).list_of.partition(":")[2] for item in items]
        hints = typing.get_type_hints(cls, localns=dict.fromkeys(later, object))
        fields = [_field(item, hints[item.name]) for item in items]
        known = {field.name: field for field in fields if not field.options.hidden}
        _FIELDS[cls] = known
    return known


def _field(item: dataclasses.Field[Any], hint: Any) -> Field:
    options = _options(item)
    is_required = item.default is MISSING and item.default_factory is MISSING
    return Field(item.name, options.name or item.name, without_none(hint), is_required, options)


def _options(item: dataclasses.Field[Any]) -> KeyOptions:
    options: KeyOptions = item.metadata.get("options", KeyOptions())
    return options


def without_none(hint: Any) -> Any:
    """`X` of `X | None`; other types as they are."""
    if typing.get_origin(hint) in {typing.Union, types.UnionType}:
        rest = [part for part in typing.get_args(hint) if part is not type(None)]
        if len(rest) == 1:
            return rest[0]
    return hint
