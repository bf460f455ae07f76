"""Trees → trees whose values are escaped by where they stand (Go's html/template, escape.go).

A template is read with the context in which it is called; one that is called in several contexts
becomes several templates, with the context in their names. Branches must end alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.gotemplate.ast import Action, Branch, Call, Jump, Text
from appliance.gotemplate.html.context import Context, State, joined, nudged
from appliance.gotemplate.html.pipeline import escaped
from appliance.gotemplate.html.text import escaped_text
from appliance.gotemplate.place import place
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.gotemplate.ast import Node, Tree
    from appliance.gotemplate.execute import Trees

#: More nested than this, Python's stack would not do.
_MAX_DEPTH = 100
_PLACED = re.compile(r"(html/template:(?:[^ ]*:\d+:\d+: | ))(.*)", re.DOTALL)


@dataclass(slots=True)
class _Loop:
    """The jumps of a loop, and the contexts at them."""

    breaks: list[tuple[Jump, Context]] = field(default_factory=list)
    continues: list[tuple[Jump, Context]] = field(default_factory=list)


class Escaper:
    """Escapes templates as they are called.

    Attributes:
        trees: Escaped ones by name; a name says the context unless that is plain text.
    """

    def __init__(self, source: Trees) -> None:
        self.trees: dict[str, Tree] = {}
        self._source = source
        self._outputs: dict[str, Context] = {}
        self._called: set[str] = set()
        self._loops: list[_Loop] = []
        self._tree: Tree | None = None
        self._depth = 0

    def escape(self, name: str) -> None:
        """Escape a template and all that it calls; afterwards `trees` has them.

        Raises:
            BadInput: In Go's words, `html/template:…`.
        """
        after, _ = self._called_tree(Context(), name, None)
        if after.state is not State.TEXT:
            message = f"ends in a non-text context: {after}"
            raise BadInput(
                f"html/template:{name}: {message}" if name else f"html/template: {message}"
            )

    def _failure(self, node: Node | None, message: str) -> BadInput:
        """An error at a node, unless it says already where it is."""
        tree = self._tree
        if message.startswith("html/template:") or tree is None:
            return BadInput(message)
        if node is None:
            return BadInput(f"html/template:{tree.name}: {message}")
        return BadInput(f"html/template:{place(tree, node.position)}: {message}")

    # -- templates

    def _called_tree(self, context: Context, name: str, node: Call | None) -> tuple[Context, str]:
        """The context after a call, and the name of the template for this context."""
        derived = name + context.suffix
        self._called.add(derived)
        if derived in self._outputs:
            return self._outputs[derived], derived
        tree = self._source.get(name)
        if tree is None:
            raise self._failure(node, f"no such template {quote(name)}")
        if self._depth >= _MAX_DEPTH:
            raise self._failure(node, f"templates within one another more than {_MAX_DEPTH} deep")
        outer, self._tree = (self._tree, self._loops), tree
        self._loops = []
        self._depth += 1
        after = self._output_context(context, replace(tree, name=derived))
        self._depth -= 1
        self._tree, self._loops = outer
        return after, derived

    def _output_context(self, context: Context, tree: Tree) -> Context:
        """The context after a template; one that calls itself must keep to what is assumed."""
        assumed = context
        for _ in range(2):
            known = dict(self._outputs)
            self._outputs[tree.name] = assumed
            outer_calls, self._called = self._called, set()
            after, body = self._nodes(context, tree.body)
            is_recursive = tree.name in self._called
            self._called |= outer_calls
            if not is_recursive or after == assumed:
                self._outputs[tree.name] = after
                self.trees[tree.name] = replace(tree, body=body)
                return after
            self._outputs = known
            assumed = after
        raise self._failure(None, f"cannot compute output context for template {tree.name}")

    # -- nodes

    def _nodes(self, context: Context, nodes: Sequence[Node]) -> tuple[Context, list[Node]]:
        made: list[Node] = []
        for node in nodes:
            context, escaped_node = self._node(context, node)
            made.append(escaped_node)
            if context.state is State.DEAD:
                break
        return context, made

    def _node(self, context: Context, node: Node) -> tuple[Context, Node]:
        try:
            match node:
                case Text():
                    return self._text(context, node)
                case Action():
                    if node.pipe.variables:
                        return context, node
                    return escaped(nudged(context), node)
                case Branch():
                    return self._branch(context, node)
                case Call():
                    after, name = self._called_tree(context, node.name, node)
                    return after, replace(node, name=name)
                case Jump():
                    loop = self._loops[-1]
                    jumps = loop.breaks if node.keyword == "break" else loop.continues
                    jumps.append((node, context))
                    return replace(context, state=State.DEAD), node
        except BadInput as error:
            raise self._failure(node, error.message) from error

    def _text(self, context: Context, node: Text) -> tuple[Context, Text]:
        try:
            return escaped_text(context, node)
        except BadInput as error:
            raise BadInput(f"html/template: {error.message}") from error

    def _branch(self, context: Context, node: Branch) -> tuple[Context, Node]:
        loop = _Loop()
        if node.keyword == "range":
            self._loops.append(loop)
        after, body = self._nodes(context, node.body)
        if node.keyword == "range":
            after = self._after_loop(after, node, loop)
            self._loops.pop()
        other, otherwise = self._nodes(context, node.otherwise or ())
        found = self._join(after, other, node.keyword)
        made = replace(node, body=body, otherwise=None if node.otherwise is None else otherwise)
        return found, made

    def _after_loop(self, after: Context, node: Branch, loop: _Loop) -> Context:
        """The context after a loop's body, from which it may begin again."""
        for jump, jumped in [*loop.breaks, *loop.continues]:
            try:
                after = self._join(after, jumped, "range")
            except BadInput as error:
                message = f"at range loop {jump.keyword}: {error.message}"
                raise self._failure(jump, message) from error
        try:
            again, _ = self._nodes(after, node.body)
            return self._join(after, again, "range")
        except BadInput as error:
            found = _PLACED.fullmatch(error.message)
            where, what = found.groups() if found else ("", error.message)
            raise self._failure(node, f"{where}on range loop re-entry: {what}") from error

    def _join(self, first: Context, second: Context, keyword: str) -> Context:
        found = joined(first, second)
        if found is None:
            ends = f"{first}, {second}"
            raise BadInput(f"{{{{{keyword}}}}} branches end in different contexts: {ends}")
        return found
