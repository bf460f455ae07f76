"""The nodes of a template; `text_of` prints one as Go's error messages show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Dot:
    """`.`, the current value."""

    position: int


@dataclass(frozen=True, slots=True)
class Nil:
    """`nil`."""

    position: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A truth value, number, character or string; `text` is as written."""

    position: int
    value: bool | float | str
    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """`.A.B`: fields, methods or keys, one after the other, of the dot."""

    position: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """`$x` or `$x.A.B`; `$` alone has the empty name after the sign."""

    position: int
    name: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identifier:
    """The name of a function."""

    position: int
    name: str


@dataclass(frozen=True, slots=True)
class Chain:
    """Fields of something else, such as `(index . 0).A`."""

    position: int
    node: Operand
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A value, or a function or method with its arguments."""

    position: int
    args: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Pipe:
    """Commands, each getting the value of the one before as its last argument.

    Attributes:
        variables: Names to declare, or to set when `is_assignment`.
    """

    position: int
    variables: tuple[Variable, ...]
    is_assignment: bool
    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """What is copied to the output."""

    position: int
    text: str


@dataclass(frozen=True, slots=True)
class Action:
    """A pipeline whose value is printed."""

    position: int
    pipe: Pipe


@dataclass(frozen=True, slots=True)
class Branch:
    """`if`, `with` or `range`."""

    position: int
    keyword: str
    pipe: Pipe
    body: Sequence[Node]
    otherwise: Sequence[Node] | None


@dataclass(frozen=True, slots=True)
class Call:
    """`{{template "name" pipeline}}`."""

    position: int
    name: str
    pipe: Pipe | None


@dataclass(frozen=True, slots=True)
class Jump:
    """`break` or `continue`."""

    position: int
    keyword: str


@dataclass(frozen=True, slots=True)
class Tree:
    """One template.

    Attributes:
        source: Name of the text it stands in, which messages start with.
        text: That whole text, for positions.
    """

    name: str
    source: str
    text: str
    body: Sequence[Node]
    children: Sequence[Tree] = field(default=(), compare=False)


Operand = Dot | Nil | Literal | Field | Variable | Identifier | Chain | Pipe
Node = Text | Action | Branch | Call | Jump


def text_of(node: Operand | Command | Node) -> str:  # noqa: PLR0911 - one case for each kind
    """A node as Go prints it."""
    match node:
        case Dot():
            return "."
        case Nil():
            return "nil"
        case Literal(text=text) | Text(text=text):
            return text
        case Identifier(name=name):
            return name
        case Pipe() | Command() | Chain() | Field() | Variable():
            return _expression_text(node)
        case Action(pipe=pipe):
            return "{{" + text_of(pipe) + "}}"
        case Call(name=name, pipe=pipe):
            return "{{template " + quote(name) + (f" {text_of(pipe)}" if pipe else "") + "}}"
        case Jump(keyword=keyword):
            return "{{" + keyword + "}}"
        case Branch(keyword=keyword, pipe=pipe, body=body, otherwise=otherwise):
            inner = "".join(map(text_of, body))
            rest = "" if otherwise is None else "{{else}}" + "".join(map(text_of, otherwise))
            return f"{{{{{keyword} {text_of(pipe)}}}}}{inner}{rest}{{{{end}}}}"


def _expression_text(node: Pipe | Command | Chain | Field | Variable) -> str:
    match node:
        case Pipe(variables=variables, is_assignment=is_assignment, commands=commands):
            names = ", ".join(map(text_of, variables))
            sign = "=" if is_assignment else ":="
            return (f"{names} {sign} " if names else "") + " | ".join(map(text_of, commands))
        case Command(args=args):
            return " ".join(f"({text_of(a)})" if isinstance(a, Pipe) else text_of(a) for a in args)
        case Chain(node=inner, names=names):
            shown = f"({text_of(inner)})" if isinstance(inner, Pipe) else text_of(inner)
            return "".join([shown, *(f".{name}" for name in names)])
        case Field(names=names):
            return "".join(f".{name}" for name in names)
        case Variable(name=name, names=names):
            return ".".join([name, *names])
