"""Slips that show in a template's tree: fields and templates that do not exist.

The type of the dot is followed through `range`, `with`, variables and calls as far as it is known;
what cannot be known is not judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from appliance.gotemplate.ast import (
    Action,
    Branch,
    Call,
    Chain,
    Dot,
    Field,
    Identifier,
    Literal,
    Pipe,
    Variable,
)
from appliance.gotemplate.place import line_and_column
from appliance.notify.template.types import (
    ELEMENTS,
    RESULTS,
    Type,
    field_type,
    suggestion,
    wrong_field,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.gotemplate.ast import Command, Node, Operand, Tree
    from appliance.gotemplate.execute import Trees


class Slip(NamedTuple):
    """A finding: the source's name, line (from 1), column (bytes before it), what is wrong."""

    source: str
    line: int
    column: int
    message: str


class Walker:
    """Walks over a template and those it calls.

    Args:
        trees: All templates.
        names: Those that there are, for suggestions.
    """

    def __init__(self, trees: Trees, names: Sequence[str]) -> None:
        self.slips: list[Slip] = []
        self._trees = trees
        self._names = names
        self._seen: set[tuple[str, Type]] = set()
        self._tree: Tree | None = None
        self._variables: list[tuple[str, Type]] = []

    def walk(self, name: str, dot: Type) -> None:
        """Judge a template that is given a dot of some type; each such pair is judged once."""
        tree = self._trees.get(name)
        if tree is None or (name, dot) in self._seen:
            return
        self._seen.add((name, dot))
        outer = self._tree, self._variables
        self._tree, self._variables = tree, [("$", dot)]
        self._nodes(tree.body, dot)
        self._tree, self._variables = outer

    def _found(self, position: int, message: str) -> None:
        if self._tree is not None:
            line, column = line_and_column(self._tree.text, position)
            slip = Slip(self._tree.source, line, column, message)
            self.slips += [slip] if slip not in self.slips else []

    def _nodes(self, nodes: Sequence[Node], dot: Type) -> None:
        mark = len(self._variables)
        for node in nodes:
            match node:
                case Action(pipe=pipe):
                    self._pipe(pipe, dot)
                case Branch():
                    self._branch(node, dot)
                case Call():
                    self._call(node, dot)
        del self._variables[mark:]

    def _branch(self, node: Branch, dot: Type) -> None:
        mark = len(self._variables)
        value = self._pipe(node.pipe, dot)
        inner = dot
        if node.keyword == "with":
            inner = value
        elif node.keyword == "range":
            inner = ELEMENTS.get(value, Type.UNKNOWN)
            count = len(node.pipe.variables)
            if count:
                del self._variables[len(self._variables) - count :]
                kinds = [inner] if count == 1 else [_index_type(value), inner]
                names = [variable.name for variable in node.pipe.variables]
                self._variables += list(zip(names, kinds, strict=True))
        self._nodes(node.body, inner)
        self._nodes(node.otherwise or (), dot)
        del self._variables[mark:]

    def _call(self, node: Call, dot: Type) -> None:
        value = Type.UNKNOWN if node.pipe is None else self._pipe(node.pipe, dot)
        if self._trees.get(node.name) is None:
            hint = suggestion(node.name, list(self._names))
            self._found(node.position, f'template "{node.name}" is not defined{hint}')
        else:
            self.walk(node.name, value)

    # -- types of expressions

    def _pipe(self, pipe: Pipe, dot: Type) -> Type:
        value = Type.UNKNOWN
        for number, command in enumerate(pipe.commands):
            value = self._command(command, dot, value if number else None)
        for variable in pipe.variables:
            if pipe.is_assignment:
                # It may be set in a branch that is not taken: what it is then is not known.
                self._variables = [
                    (name, Type.UNKNOWN if name == variable.name else kind)
                    for name, kind in self._variables
                ]
            else:
                self._variables.append((variable.name, value))
        return value

    def _command(self, command: Command, dot: Type, final: Type | None) -> Type:
        first, *rest = command.args
        kinds = [self._operand(arg, dot) for arg in rest]
        if not isinstance(first, Identifier):
            return self._operand(first, dot)
        kinds += [final] if final is not None else []
        if first.name == "index" and kinds:
            return ELEMENTS.get(kinds[0], Type.UNKNOWN) if len(kinds) == 2 else Type.UNKNOWN
        if first.name == "slice" and kinds:
            return kinds[0]
        return RESULTS.get(first.name, Type.UNKNOWN)

    def _operand(self, node: Operand, dot: Type) -> Type:  # noqa: PLR0911 - one case for each kind
        match node:
            case Dot():
                return dot
            case Field(names=names):
                # A chain of fields stands, as in Go, where its second one begins.
                start = node.position - (len(names[0]) + 1 if len(names) > 1 else 0)
                return self._fields(dot, names, start)
            case Variable(name=name, names=names):
                return self._fields(self._variable(name), names, node.position)
            case Chain(node=inner, names=names):
                return self._fields(self._operand(inner, dot), names, node.position)
            case Pipe():
                return self._pipe(node, dot)
            case Identifier(name=name):
                return RESULTS.get(name, Type.UNKNOWN)
            case Literal(value=str()):
                return Type.TEXT
        return Type.UNKNOWN

    def _variable(self, name: str) -> Type:
        return next(
            (kind for known, kind in reversed(self._variables) if known == name), Type.UNKNOWN
        )

    def _fields(self, owner: Type, names: Sequence[str], position: int) -> Type:
        """The type of fields one after the other; `position` is the first one's."""
        for name in names:
            found = field_type(owner, name)
            if found is None:
                self._found(position, wrong_field(owner, name))
                return Type.UNKNOWN
            owner = found
            position += len(name) + 1
        return owner


def _index_type(value: Type) -> Type:
    """The type of the first of two variables of a loop."""
    return Type.TEXT if value is Type.KV else Type.NUMBER if value in ELEMENTS else Type.UNKNOWN
