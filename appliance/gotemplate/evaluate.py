"""What expressions of templates are worth (Go's text/template, exec.go).

Functions check their arguments' types as Go's reflection does, so that the same templates fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from appliance.base.errors import ApplianceError, BadInput
from appliance.gotemplate.ast import (
    Chain,
    Dot,
    Field,
    Identifier,
    Literal,
    Nil,
    Pipe,
    Variable,
    text_of,
)
from appliance.gotemplate.builtins import BUILTINS
from appliance.gotemplate.values import ANY, Function, fits, truth, type_name
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.gotemplate.ast import Command, Node, Operand, Tree

#: More would keep a thread busy for seconds.
MAX_STEPS = 1_000_000
_MISSING = object()
_LITERALS = {
    "string": "string", "int": "integer", "int64": "integer", "float64": "float", "bool": "bool",
}  # fmt: skip
_NOT_NIL = frozenset([*_LITERALS, "time.Duration", "time.Time"])


class Evaluator:
    """Values of expressions within one execution.

    Attributes:
        tree: The template that is being executed.
        variables: (name, value), the innermost last.
    """

    def __init__(self, tree: Tree, functions: Mapping[str, Function]) -> None:
        self.tree = tree
        self.variables: list[tuple[str, Any]] = []
        self._functions = functions
        self._node: Operand | Command | Node | None = None
        self._steps = 0

    # -- where we are

    def at(self, node: Operand | Command | Node) -> None:
        """Remember the node that errors are about."""
        self._node = node

    def step(self) -> None:
        """Count work.

        Raises:
            BadInput: Too much of it.
        """
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise self.failure(f"more than {MAX_STEPS} steps")

    def text(self, node: Operand | Command | Node) -> str:
        """A node as messages show it."""
        return text_of(node)

    def failure(self, message: str) -> BadInput:
        """An error at the node that is being evaluated."""
        tree, node = self.tree, self._node
        if node is None:
            return BadInput(f"template: {tree.name}: {message}")
        before = tree.text[: node.position]
        column = len(before[before.rfind("\n") + 1 :].encode())
        place = f"{tree.source}:{before.count(chr(10)) + 1}:{column}"
        return BadInput(
            f"template: {place}: executing {quote(tree.name)} at <{text_of(node)}>: {message}"
        )

    # -- variables

    def set_variable(self, name: str, value: Any) -> None:
        """Give an existing variable a value."""
        for at in range(len(self.variables) - 1, -1, -1):
            if self.variables[at][0] == name:
                self.variables[at] = (name, value)
                return
        raise self.failure(f"undefined variable: {name}")

    def _variable(self, name: str) -> Any:
        for known, value in reversed(self.variables):
            if known == name:
                return value
        raise self.failure(f"undefined variable: {name}")

    # -- pipelines

    def pipeline(self, dot: Any, pipe: Pipe) -> Any:
        """The value of a pipeline, which its variables get."""
        self.at(pipe)
        value: Any = _MISSING
        for command in pipe.commands:
            value = self._command(dot, command, value)
        for variable in pipe.variables:
            if pipe.is_assignment:
                self.set_variable(variable.name, value)
            else:
                self.variables.append((variable.name, value))
        return value

    def _command(self, dot: Any, command: Command, final: Any) -> Any:
        """The value of a command; `final` is the last argument, from the command before."""
        self.step()
        first, args = command.args[0], command.args[1:]
        match first:
            case Field() | Chain() | Variable():
                return self._reference(dot, first, args, final)
            case Identifier():
                return self._function(dot, first, command, args, final)
            case Pipe():
                self._refuse_arguments(first, args, final)
                return self.pipeline(dot, first)
        self.at(first)
        self._refuse_arguments(first, args, final)
        match first:
            case Dot():
                return dot
            case Literal(value=value):
                return value
        raise self.failure("nil is not a command")

    def _refuse_arguments(self, first: Operand, args: Sequence[Operand], final: Any) -> None:
        if args or final is not _MISSING:
            raise self.failure(f"can't give argument to non-function {text_of(first)}")

    def _reference(
        self, dot: Any, node: Field | Chain | Variable, args: Sequence[Operand], final: Any
    ) -> Any:
        """Fields of the dot, of a variable or of an expression."""
        self.at(node)
        match node:
            case Variable(name=name, names=names):
                receiver = self._variable(name)
                if not names:
                    self._refuse_arguments(node, args, final)
                    return receiver
            case Chain(node=inner, names=names):
                if isinstance(inner, Nil):
                    raise self.failure(f"indirection through explicit nil in {text_of(node)}")
                receiver = self._argument(dot, inner, ANY)
            case Field(names=names):
                receiver = dot
            case _:
                assert_never(node)
        for number, name in enumerate(names[:-1]):
            receiver = self._field(dot, name, node, (), _MISSING, receiver, is_first=not number)
        return self._field(dot, names[-1], node, args, final, receiver, is_first=len(names) == 1)

    def _field(
        self,
        dot: Any,
        name: str,
        node: Operand,
        args: Sequence[Operand],
        final: Any,
        receiver: Any,
        *,
        is_first: bool,
    ) -> Any:
        """A method's result, a field or an element."""
        if receiver is None:
            if is_first:
                return None
            raise self.failure(f"nil pointer evaluating {ANY}.{name}")
        method = getattr(receiver, "go_methods", {}).get(name)
        if method is not None:
            return self._call(dot, method, node, name, args, final, receiver)
        has_arguments = bool(args) or final is not _MISSING
        fields = getattr(receiver, "go_fields", None)
        if fields is not None and name in fields:
            if has_arguments:
                raise self.failure(f"{name} has arguments but cannot be invoked as function")
            return fields[name]
        if isinstance(receiver, dict):
            if has_arguments:
                raise self.failure(f"{name} is not a method but has arguments")
            return receiver.get(name, getattr(receiver, "zero", None))
        raise self.failure(f"can't evaluate field {name} in type {type_name(receiver)}")

    # -- functions

    def _function(
        self,
        dot: Any,
        node: Identifier,
        whole: Command | Identifier,
        args: Sequence[Operand],
        final: Any,
    ) -> Any:
        self.at(node)
        function = self._functions.get(node.name) or BUILTINS.get(node.name)
        if function is None:
            raise self.failure(f"{quote(node.name)} is not a defined function")
        if node.name in {"and", "or"} and node.name not in self._functions:
            return self._short_circuit(dot, node.name, args, final)
        return self._call(dot, function, whole, node.name, args, final)

    def _short_circuit(self, dot: Any, name: str, args: Sequence[Operand], final: Any) -> Any:
        if not args and final is _MISSING:
            raise self.failure(f"wrong number of args for {name}: want at least 1 got 0")
        value: Any = None
        for arg in args:
            value = self._argument(dot, arg, ANY)
            if truth(value) == (name == "or"):
                return value
        return value if final is _MISSING else final

    def _call(
        self,
        dot: Any,
        function: Function,
        node: Operand | Command,
        name: str,
        args: Sequence[Operand],
        final: Any,
        receiver: Any = _MISSING,
    ) -> Any:
        types = self._parameter_types(function, name, len(args), final is not _MISSING)
        values = [self._argument(dot, arg, kind) for arg, kind in zip(args, types, strict=False)]
        if final is not _MISSING:
            values.append(self._checked(final, types[-1]))
        self.step()
        try:
            return function.call(*([] if receiver is _MISSING else [receiver]), *values)
        except ApplianceError as error:
            self.at(node)
            raise self.failure(f"error calling {name}: {error.message}") from error

    def _parameter_types(
        self,
        function: Function,
        name: str,
        given: int,
        has_final: bool,  # noqa: FBT001 - private
    ) -> list[str]:
        """The type wanted for each argument, the final one included.

        Raises:
            BadInput: Too many or too few are given.
        """
        fixed, count = len(function.params), given + has_final
        if function.rest is not None and count < fixed:
            message = f"wrong number of args for {name}: want at least {fixed} got {given}"
            raise self.failure(message)
        if function.rest is None and count != fixed:
            raise self.failure(f"wrong number of args for {name}: want {fixed} got {count}")
        return [*function.params, *[function.rest or ANY] * (count - fixed)]

    def _argument(self, dot: Any, node: Operand, wanted: str) -> Any:
        """The value of an argument.

        Raises:
            BadInput: It is not of the type.
        """
        self.at(node)
        match node:
            case Dot():
                return self._checked(dot, wanted)
            case Nil():
                if wanted not in _NOT_NIL:
                    return None
                raise self.failure(f"cannot assign nil to {wanted}")
            case Field() | Variable() | Chain():
                return self._checked(self._reference(dot, node, (), _MISSING), wanted)
            case Pipe():
                return self._checked(self.pipeline(dot, node), wanted)
            case Identifier():
                return self._checked(self._function(dot, node, node, (), _MISSING), wanted)
            case Literal():
                return self._literal(node, wanted)

    def _literal(self, node: Literal, wanted: str) -> Any:
        value = node.value
        if wanted == "float64" and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if wanted in {"int", "int64"} and isinstance(value, float) and value.is_integer():
            return int(value)
        if fits(value, wanted) or (wanted == "int64" and type_name(value) == "int"):
            return value
        if wanted in _LITERALS:
            raise self.failure(f"expected {_LITERALS[wanted]}; found {node.text}")
        raise self.failure(f"can't handle {node.text} for arg of type {wanted}")

    def _checked(self, value: Any, wanted: str) -> Any:
        """A value that is of the type."""
        if fits(value, wanted) or (value is None and wanted not in _NOT_NIL):
            return value
        if value is None:
            raise self.failure(f"invalid value; expected {wanted}")
        found = type_name(value)
        if found.removeprefix("*") == wanted.removeprefix("*"):
            return value
        raise self.failure(f"wrong type for value; expected {wanted}; got {found}")
