"""What expressions of templates are worth (Go's text/template, exec.go).

Functions check their arguments' types as Go's reflection does, so that the same templates fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, assert_never

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
from appliance.gotemplate.builtins import BUILTINS, NotAFunction
from appliance.gotemplate.place import place
from appliance.gotemplate.times import Duration
from appliance.gotemplate.values import ANY, Function, fits, truth, type_name
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.gotemplate.ast import Command, Node, Operand, Tree

_MISSING = object()
_MAX_INT = 2**63 - 1
_MAX_ITEMS = 1 << 20
#: What a function that is defective raises; one template fails then, not what it is a part of.
_PANICS = (ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError)
_LITERALS = {
    "string": "string", "int": "integer", "int64": "integer", "float64": "float", "bool": "bool",
}  # fmt: skip
_NOT_NIL = frozenset([*_LITERALS, "time.Duration", "time.Time"])


@dataclass(frozen=True, slots=True)
class _Given:
    """What a command is given: the dot, arguments, and the value of the command before."""

    dot: Any
    args: Sequence[Operand] = ()
    final: Any = _MISSING

    @property
    def has_final(self) -> bool:
        """Whether there is a command before."""
        return self.final is not _MISSING

    @property
    def count(self) -> int:
        """The number of arguments, the final one included."""
        return len(self.args) + self.has_final


class Limits(NamedTuple):
    """What one execution may cost; more of the usual would keep a thread busy for seconds."""

    steps: int = 1_000_000
    chars: int = 4 << 20


class Evaluator:
    """Values of expressions within one execution.

    Attributes:
        tree: The template that is being executed.
        limits: What it may cost.
        variables: (name, value), the innermost last.
    """

    def __init__(
        self, tree: Tree, functions: Mapping[str, Function], limits: Limits | None = None
    ) -> None:
        self.tree = tree
        self.limits = limits or Limits()
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
        if self._steps > self.limits.steps:
            raise self.failure(f"more than {self.limits.steps} steps")

    def text(self, node: Operand | Command | Node) -> str:
        """A node as messages show it."""
        return text_of(node)

    def failure(self, message: str) -> BadInput:
        """An error at the node that is being evaluated."""
        tree, node = self.tree, self._node
        if node is None:
            return BadInput(f"template: {tree.name}: {message}")
        where = place(tree, node.position)
        return BadInput(
            f"template: {where}: executing {quote(tree.name)} at <{text_of(node)}>: {message}"
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
        first, given = command.args[0], _Given(dot, command.args[1:], final)
        match first:
            case Field() | Chain() | Variable():
                return self._reference(first, given)
            case Identifier():
                return self._function(first, command, given)
            case Pipe():
                self._refuse_arguments(first, given)
                return self.pipeline(dot, first)
        self.at(first)
        self._refuse_arguments(first, given)
        match first:
            case Dot():
                return dot
            case Literal(value=value, text=text):
                if isinstance(value, int) and value > _MAX_INT:
                    raise self.failure(f"{text} overflows int")
                return value
        raise self.failure("nil is not a command")

    def _refuse_arguments(self, first: Operand, given: _Given) -> None:
        if given.count:
            raise self.failure(f"can't give argument to non-function {text_of(first)}")

    def _reference(self, node: Field | Chain | Variable, given: _Given) -> Any:
        """Fields of the dot, of a variable or of an expression."""
        self.at(node)
        match node:
            case Variable(name=name, names=names):
                receiver = self._variable(name)
                if not names:
                    self._refuse_arguments(node, given)
                    return receiver
            case Chain(node=inner, names=names):
                if isinstance(inner, Nil):
                    raise self.failure(f"indirection through explicit nil in {text_of(node)}")
                receiver = self._argument(given.dot, inner, ANY)
            case Field(names=names):
                receiver = given.dot
            case _:
                assert_never(node)
        if receiver is None:
            return None  # so are its fields
        for name in names[:-1]:
            receiver = self._field(receiver, name, node, _Given(given.dot))
        return self._field(receiver, names[-1], node, given)

    def _field(self, receiver: Any, name: str, node: Operand, given: _Given) -> Any:
        """A method's result, a field or an element."""
        if receiver is None:
            raise self.failure(f"nil pointer evaluating {ANY}.{name}")
        method = getattr(receiver, "go_methods", {}).get(name)
        if method is not None:
            return self._call(method, (name, node), given, (receiver,))
        fields = getattr(receiver, "go_fields", None)
        if fields is not None and name in fields:
            if given.count:
                raise self.failure(f"{name} has arguments but cannot be invoked as function")
            return fields[name]
        if isinstance(receiver, dict):
            if given.count:
                raise self.failure(f"{name} is not a method but has arguments")
            return receiver.get(name, getattr(receiver, "zero", None))
        raise self.failure(f"can't evaluate field {name} in type {type_name(receiver)}")

    # -- functions

    def _function(self, node: Identifier, whole: Command | Identifier, given: _Given) -> Any:
        self.at(node)
        function = self._functions.get(node.name) or BUILTINS.get(node.name)
        if function is None:
            raise self.failure(f"{quote(node.name)} is not a defined function")
        if node.name in {"and", "or"} and node.name not in self._functions:
            return self._short_circuit(node.name, given)
        return self._call(function, (node.name, whole), given)

    def _short_circuit(self, name: str, given: _Given) -> Any:
        if not given.count:
            raise self.failure(f"wrong number of args for {name}: want at least 1 got 0")
        value: Any = None
        for arg in given.args:
            value = self._argument(given.dot, arg, ANY)
            if truth(value) == (name == "or"):
                return value
        return given.final if given.has_final else value

    def _call(
        self,
        function: Function,
        named: tuple[str, Operand | Command],
        given: _Given,
        receiver: tuple[Any, ...] = (),
    ) -> Any:
        """The result of a function or method.

        Args:
            named: Its name, and the node that errors of it are about.
            receiver: Of a method.
        """
        name, node = named
        types = self._parameter_types(function, name, given)
        values = [
            self._argument(given.dot, arg, kind)
            for arg, kind in zip(given.args, types, strict=False)
        ]
        if given.has_final:
            values.append(self._checked(given.final, types[-1]))
        self.step()
        try:
            result = function.call(*receiver, *values)
        except NotAFunction as error:
            self.at(node)
            shown = text_of(given.args[0]) if given.args else "nil"
            message = f"error calling call: non-function {shown} of type {error.message}"
            raise self.failure(message) from error
        except ApplianceError as error:
            self.at(node)
            raise self.failure(f"error calling {name}: {error.message}") from error
        except _PANICS as error:  # as Go's safeCall
            self.at(node)
            raise self.failure(f"error calling {name}: {type(error).__name__}: {error}") from error
        return self._within_limits(result, name)

    def _within_limits(self, result: Any, name: str) -> Any:
        """A result that is not too large: one that grows in a loop doubles with every step."""
        if isinstance(result, str):
            if len(result) > self.limits.chars:
                message = f"the result is longer than {self.limits.chars} characters"
                raise self.failure(f"error calling {name}: {message}")
        elif isinstance(result, list) and len(result) > _MAX_ITEMS:
            raise self.failure(f"error calling {name}: a list of more than {_MAX_ITEMS} items")
        return result

    def _parameter_types(self, function: Function, name: str, given: _Given) -> list[str]:
        """The type wanted for each argument, the final one included.

        Raises:
            BadInput: Too many or too few are given.
        """
        fixed, count = len(function.params), given.count
        if function.rest is not None and count < fixed:
            wanted = f"want at least {fixed} got {len(given.args)}"
            raise self.failure(f"wrong number of args for {name}: {wanted}")
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
                return self._checked(self._reference(node, _Given(dot)), wanted)
            case Pipe():
                return self._checked(self.pipeline(dot, node), wanted)
            case Identifier():
                return self._checked(self._function(node, node, _Given(dot)), wanted)
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
        if wanted == "time.Duration":
            if isinstance(value, int) and not isinstance(value, bool):
                return Duration(value)
            raise self.failure(f"expected integer; found {node.text}")
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
