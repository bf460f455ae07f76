"""What a part of a query is made of: nodes of some kind, and the fields it speaks of."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, TypeVar

from appliance.traceql.ast import Attribute, IntrinsicField

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.traceql.ast import Field

T = TypeVar("T")


def mentioned_fields(node: object) -> list[Field]:
    """Fields in a node, each once, in the order in which they are written."""
    return list(dict.fromkeys(_fields_of(node)))


def _fields_of(node: object) -> Iterator[Field]:
    """Fields in a node, with repetitions."""
    for found in nodes_of(node, Attribute, IntrinsicField):
        if isinstance(found, (Attribute, IntrinsicField)):
            yield found


def nodes_of(node: object, *kinds: type[T]) -> Iterator[T]:
    """Nodes of some kinds in a node, from left to right; nothing is looked for within them."""
    if isinstance(node, kinds):
        yield node
    elif isinstance(node, tuple):
        for part in node:
            yield from nodes_of(part, *kinds)
    elif is_dataclass(node):
        for member in fields(node):
            yield from nodes_of(getattr(node, member.name), *kinds)
