"""What a template reads: labels, the line, the time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from appliance.gotemplate.ast import (
    Action,
    Branch,
    Call,
    Chain,
    Dot,
    Field,
    Identifier,
    Pipe,
    Variable,
)
from appliance.logql.templates.functions import LINE, TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.gotemplate.ast import Node, Operand


@dataclass(frozen=True, slots=True)
class Reads:
    """What the result depends on.

    Attributes:
        names: Of labels.
        is_all: Whether it may be any label, as with `{{ . }}`.
        line, time: Whether it depends on the line or on the timestamp.
    """

    names: frozenset[str] = frozenset()
    is_all: bool = False
    line: bool = False
    time: bool = False

    def __or__(self, other: Reads) -> Reads:
        return Reads(
            self.names | other.names,
            self.is_all or other.is_all,
            self.line or other.line,
            self.time or other.time,
        )

    @property
    def per_row(self) -> bool:
        """Whether rows of the same labels may differ."""
        return self.line or self.time


_NOTHING, _ALL = Reads(), Reads(is_all=True)


def reads_of(nodes: Iterable[Node], *, at_root: bool = True) -> Reads:
    """What some nodes read.

    Args:
        at_root: Whether the dot is the labels.
    """
    found = _NOTHING
    for node in nodes:
        match node:
            case Action(pipe=pipe):
                found |= _pipe(pipe, at_root=at_root)
            case Call(pipe=pipe):
                # What the called template reads of the labels is not looked at.
                found |= _NOTHING if pipe is None else _pipe(pipe, at_root=at_root)
                found |= Reads(line=True, time=True)
            case Branch(keyword=keyword, pipe=pipe):
                found |= _pipe(pipe, at_root=at_root)
                found |= reads_of(node.body, at_root=at_root and keyword == "if")
                found |= reads_of(node.otherwise or (), at_root=at_root)
    return found


def _pipe(pipe: Pipe, *, at_root: bool) -> Reads:
    found = _NOTHING
    for command in pipe.commands:
        for arg in command.args:
            found |= _operand(arg, at_root=at_root)
    return found


def _operand(node: Operand, *, at_root: bool) -> Reads:  # noqa: PLR0911 - one case for each kind
    match node:
        case Dot():
            return _ALL if at_root else _NOTHING
        case Field(names=names):
            return Reads(frozenset(names[:1])) if at_root else _NOTHING
        case Variable(name="$", names=names):
            return Reads(frozenset(names[:1])) if names else _ALL
        case Identifier(name=name):
            return replace(_NOTHING, line=name == LINE, time=name in {TIMESTAMP, "now"})
        case Chain(node=inner):
            return _operand(inner, at_root=at_root)
        case Pipe():
            return _pipe(node, at_root=at_root)
    return _NOTHING
