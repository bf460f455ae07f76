"""Plain templates as Python closures: text, pipelines and `if`, without variables and loops.

What is odd in any way (a value of an unexpected type, an error of a function) makes a closure raise
`NotPlain`; the executor then runs the template again and finds the same text, or Go's words for
what is wrong. Closures keep no state, so any number of threads may run them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.base.errors import ApplianceError
from appliance.gotemplate.ast import Action, Branch, Field, Identifier, Literal, Pipe, Text
from appliance.gotemplate.builtins import BUILTINS
from appliance.gotemplate.evaluate import Limits
from appliance.gotemplate.printf import format_value
from appliance.gotemplate.values import ANY, Function, Struct, fits, truth, type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.gotemplate.ast import Command, Node, Operand

    #: Gives a value for the dot, which is a map.
    Step = Callable[[dict[str, Any]], Any]

_MAX_CHARS = Limits().chars
_LAZY = frozenset({"and", "or"})


class NotPlain(Exception):  # noqa: N818 - no error
    """The template has to be executed."""


def compile_nodes(
    nodes: Sequence[Node],
    functions: Mapping[str, Function],
    of_dot: Mapping[str, Step] | None = None,
) -> Callable[[dict[str, Any]], str] | None:
    """Nodes as one closure; None when they are not plain.

    Args:
        functions: By name, beside those that every template has.
        of_dot: Functions without parameters that are computed from the dot.

    Returns:
        A function of the dot that gives the text or raises NotPlain.
    """
    try:
        steps = _Compiler(functions, of_dot or {}).nodes(nodes)
    except NotPlain:
        return None

    def run(dot: dict[str, Any]) -> str:
        try:
            text = "".join([step(dot) for step in steps])
        except ApplianceError as error:
            raise NotPlain from error
        if len(text) > _MAX_CHARS:
            raise NotPlain
        return text

    return run


class _Compiler:
    def __init__(self, functions: Mapping[str, Function], of_dot: Mapping[str, Step]) -> None:
        self._functions = functions
        self._of_dot = of_dot

    def nodes(self, nodes: Sequence[Node]) -> list[Step]:
        return [self._node(node) for node in nodes]

    def _node(self, node: Node) -> Step:
        match node:
            case Text(text=text):
                return lambda _: text
            case Action(pipe=pipe) if not pipe.variables:
                return _printing(self._pipe(pipe))
            case Branch(keyword="if", pipe=pipe) if not pipe.variables:
                return self._if(node)
        raise NotPlain

    def _if(self, node: Branch) -> Step:
        condition = self._pipe(node.pipe)
        body, otherwise = self.nodes(node.body), self.nodes(node.otherwise or ())

        def run(dot: dict[str, Any]) -> str:
            chosen = body if truth(condition(dot)) else otherwise
            return "".join([step(dot) for step in chosen])

        return run

    def _pipe(self, pipe: Pipe) -> Step:
        if pipe.variables:
            raise NotPlain
        step: Step | None = None
        for command in pipe.commands:
            step = self._command(command, step)
        if step is None:
            raise NotPlain
        return step

    def _command(self, command: Command, final: Step | None) -> Step:
        first = command.args[0]
        if isinstance(first, Identifier):
            return self._call(first.name, command.args[1:], final)
        if final is not None or len(command.args) > 1:
            raise NotPlain
        return self._operand(first, ANY)

    def _operand(self, node: Operand, wanted: str) -> Step:
        """A value of the wanted type."""
        match node:
            case Literal():
                return _constant(node, wanted)
            case Field(names=(name,)):
                return _checked(_field(name), wanted)
            case Pipe():
                return _checked(self._pipe(node), wanted)
            case Identifier(name=name):
                return _checked(self._call(name, (), None), wanted)
        raise NotPlain

    def _call(self, name: str, args: Sequence[Operand], final: Step | None) -> Step:
        if name in self._of_dot and not args and final is None:
            return self._of_dot[name]
        function = self._functions.get(name) or BUILTINS.get(name)
        if function is None or name in self._of_dot:
            raise NotPlain
        fixed, count = len(function.params), len(args) + (final is not None)
        if count < fixed or (function.rest is None and count != fixed):
            raise NotPlain
        types = [*function.params, *[function.rest or ANY] * (count - fixed)]
        steps = [self._operand(arg, wanted) for arg, wanted in zip(args, types, strict=False)]
        if final is not None:
            steps.append(_checked(final, types[-1]))
        if name in _LAZY and name not in self._functions:
            return _short_circuit(steps, stops_at=name == "or")
        return _calling(function.call, steps)


def _field(name: str) -> Step:
    def get(dot: dict[str, Any]) -> Any:
        value = dot.get(name)
        return getattr(dot, "zero", None) if value is None and name not in dot else value

    return get


def _constant(node: Literal, wanted: str) -> Step:
    value = node.value
    if wanted == "float64" and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not fits(value, wanted):
        raise NotPlain
    return lambda _: value


def _checked(step: Step, wanted: str) -> Step:
    """A step that fails when its value is not of the type."""
    if wanted == ANY:
        return step

    def run(dot: dict[str, Any]) -> Any:
        value = step(dot)
        if type(value) is str:
            if wanted == "string":
                return value
        elif value is not None and type_name(value) == wanted:
            return value
        raise NotPlain

    return run


def _calling(call: Callable[..., Any], steps: Sequence[Step]) -> Step:
    match steps:
        case []:
            return lambda _: call()
        case [only]:
            return lambda dot: call(only(dot))
        case [first, second]:
            return lambda dot: call(first(dot), second(dot))
    return lambda dot: call(*[step(dot) for step in steps])


def _short_circuit(steps: Sequence[Step], *, stops_at: bool) -> Step:
    def run(dot: dict[str, Any]) -> Any:
        value: Any = None
        for step in steps:
            value = step(dot)
            if truth(value) == stops_at:
                return value
        return value

    return run


def _printing(step: Step) -> Step:
    def run(dot: dict[str, Any]) -> str:
        value = step(dot)
        if type(value) is str:
            return value
        if value is None:
            return "<no value>"
        if isinstance(value, Struct | Function):
            raise NotPlain
        return format_value(value)

    return run
