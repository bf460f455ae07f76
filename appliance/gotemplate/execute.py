"""A tree and data → text (Go's text/template, exec.go).

What an expression is worth is in `evaluate.py`; here are output, control structures and limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from appliance.gotemplate.ast import Action, Branch, Call, Jump, Text
from appliance.gotemplate.evaluate import Evaluator, Limits
from appliance.gotemplate.printf import format_value
from appliance.gotemplate.values import Function, Struct, truth
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from appliance.gotemplate.ast import Node, Pipe, Tree

#: Go allows 100,000 templates in one another; it has more stack.
_MAX_DEPTH = 50


class Trees(Protocol):
    """Templates by name."""

    def get(self, name: str, /) -> Tree | None:
        """A template, None when there is none of that name."""
        ...


class _Jumped(Exception):  # noqa: N818 - no error
    """`{{break}}` or `{{continue}}` was reached."""

    def __init__(self, keyword: str) -> None:
        super().__init__(keyword)
        self.keyword = keyword


class Executor(Evaluator):
    """One execution of a template.

    Args:
        tree: Where to begin.
        trees: Gives all templates by name.
        functions: By name.
        limits: What it may cost; None for the usual.
    """

    def __init__(
        self,
        tree: Tree,
        trees: Trees,
        functions: Mapping[str, Function],
        *,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(tree, functions, limits)
        self._trees = trees
        self._output: list[str] = []
        self._written = 0
        self._depth = 0

    def run(self, data: Any) -> str:
        """The text.

        Raises:
            BadInput: In Go's words, `template: …: executing "…" at <…>: …`.
        """
        try:
            self._template(self.tree, data)
        except RecursionError:
            raise self.failure(f"exceeded maximum template depth ({_MAX_DEPTH})") from None
        return "".join(self._output)

    def _template(self, tree: Tree, data: Any) -> None:
        outer = self.tree, self.variables
        self.tree, self.variables = tree, [("$", data)]
        self._walk_all(tree.body, data)
        self.tree, self.variables = outer

    def _write(self, text: str) -> None:
        self._output.append(text)
        self._written += len(text)
        if self._written > self.limits.chars:
            raise self.failure(f"the output is longer than {self.limits.chars} characters")

    def _walk_all(self, nodes: Sequence[Node], dot: Any) -> None:
        for node in nodes:
            self.at(node)
            match node:
                case Text(text=text):
                    self._write(text)
                case Action(pipe=pipe):
                    value = self.pipeline(dot, pipe)
                    if not pipe.variables:
                        self.at(node)
                        self._write(self._printed(node, value))
                case Branch(keyword="range"):
                    self._range(node, dot)
                case Branch():
                    self._if_or_with(node, dot)
                case Call():
                    self._template_call(node, dot)
                case Jump(keyword=keyword):
                    raise _Jumped(keyword)

    def _printed(self, node: Action, value: Any) -> str:
        if value is None:
            return "<no value>"
        if isinstance(value, Function):
            raise self.failure(f"can't print {self.text(node)} of type func")
        shown = str(value) if type(value) is str else format_value(value)
        return shown.removeprefix("&") if isinstance(value, Struct) else shown

    def _if_or_with(self, node: Branch, dot: Any) -> None:
        mark = len(self.variables)
        value = self.pipeline(dot, node.pipe)
        is_with = node.keyword == "with"
        if truth(value):
            self._walk_all(node.body, value if is_with else dot)
        elif node.otherwise is not None:
            self._walk_all(node.otherwise, dot)
        del self.variables[mark:]

    def _range(self, node: Branch, dot: Any) -> None:
        outer = len(self.variables)
        value = self.pipeline(dot, node.pipe)
        mark = len(self.variables)
        is_empty = True
        for index, item in self._items(value, len(node.pipe.variables)):
            is_empty = False
            self.step()
            self._set_loop_variables(node.pipe, index, item)
            try:
                self._walk_all(node.body, item)
            except _Jumped as jump:
                if jump.keyword == "break":
                    break
            finally:
                del self.variables[mark:]
        if is_empty and node.otherwise is not None:
            self._walk_all(node.otherwise, dot)
        del self.variables[outer:]

    def _items(self, value: Any, variables: int) -> Iterator[tuple[Any, Any]]:
        if value is None:
            return iter(())
        if isinstance(value, list | tuple):
            return iter(enumerate(value))
        if isinstance(value, dict):
            return iter(sorted(value.items()))
        if isinstance(value, int) and not isinstance(value, bool):
            if variables > 1:
                message = "to iterate over more than one variable"
                raise self.failure(f"can't use {format_value(value)} {message}")
            return ((number, number) for number in range(value))
        shown = value if isinstance(value, str) else format_value(value).removeprefix("&")
        raise self.failure(f"range can't iterate over {shown}")

    def _set_loop_variables(self, pipe: Pipe, index: Any, item: Any) -> None:
        """The last variable gets the element; of two, the first gets the index."""
        names = [variable.name for variable in pipe.variables]
        values = [item] if len(names) == 1 else [index, item]
        for number, (name, value) in enumerate(zip(names, values, strict=False)):
            if pipe.is_assignment:
                self.set_variable(name, value)
            else:
                self.variables[number - len(names)] = (name, value)

    def _template_call(self, node: Call, dot: Any) -> None:
        tree = self._trees.get(node.name)
        if tree is None:
            raise self.failure(f"template {quote(node.name)} not defined")
        if self._depth >= _MAX_DEPTH:
            raise self.failure(f"exceeded maximum template depth ({_MAX_DEPTH})")
        data = None if node.pipe is None else self.pipeline(dot, node.pipe)
        self._depth += 1
        self._template(tree, data)
        self._depth -= 1
