"""Templates ready for use: the way into this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.gotemplate.builtins import BUILTINS
from appliance.gotemplate.execute import Executor
from appliance.gotemplate.parser import parse
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from appliance.gotemplate.ast import Tree
    from appliance.gotemplate.values import Function


class TemplateSet:
    """Templates that can call one another; may be executed in several threads at a time.

    Args:
        functions: Names of the functions there are, beside those that every template has.
    """

    def __init__(self, functions: Container[str] = ()) -> None:
        self._known = _Union(functions)
        self._trees: dict[str, Tree] = {}

    def add(self, name: str, text: str) -> None:
        """Parse a text; what it defines replaces what is there, unless it is blank.

        Raises:
            BadInput: In Go's words, `template: NAME:LINE: …`.
        """
        for tree in parse(name, text, self._known):
            if tree.name not in self._trees or tree.body:
                self._trees[tree.name] = tree

    def copy(self) -> TemplateSet:
        """A set that can grow without this one."""
        made = TemplateSet()
        made._known, made._trees = self._known, dict(self._trees)
        return made

    def names(self) -> list[str]:
        """All templates, sorted."""
        return sorted(self._trees)

    def execute(self, name: str, data: Any, functions: Mapping[str, Function] | None = None) -> str:
        """The text that a template gives.

        Args:
            data: The dot.
            functions: By name; all of those that the set was made with.

        Raises:
            BadInput: In Go's words, `template: …: executing "…" at <…>: …`.
        """
        tree = self._trees.get(name)
        if tree is None:
            raise BadInput(f"template: no template {quote(name)}")
        return Executor(tree, self._trees, functions or {}).run(data)


class _Union:
    """Names of functions: ours and the caller's."""

    def __init__(self, names: Container[str]) -> None:
        self._names = names

    def __contains__(self, name: object) -> bool:
        return name in BUILTINS or name in self._names
