"""Templates ready for use: the way into this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.gotemplate.builtins import BUILTINS
from appliance.gotemplate.execute import Executor
from appliance.gotemplate.parser import is_blank, parse
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from appliance.gotemplate.ast import Tree
    from appliance.gotemplate.evaluate import Limits
    from appliance.gotemplate.values import Function


class TemplateSet:
    """Templates that can call one another; may be executed in several threads at a time.

    Args:
        functions: Names of the functions there are, beside those that every template has.
        default: Gives a template that the set itself does not have.
        limits: What one execution may cost; None for the usual.
    """

    def __init__(
        self,
        functions: Container[str] = (),
        default: Callable[[str], Tree | None] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.limits = limits
        self._known = _Union(functions)
        self._trees: dict[str, Tree] = {}
        self._default = default

    def add(self, name: str, text: str) -> None:
        """Parse a text; what it defines replaces what is there, unless it is blank.

        Raises:
            BadInput: In Go's words, `template: NAME:LINE: …`.
        """
        for tree in parse(name, text, self._known):
            if not is_blank(tree.body) or self.get(tree.name) is None:
                self._trees[tree.name] = tree

    def get(self, name: str) -> Tree | None:
        """A template, None when there is none of that name."""
        found = self._trees.get(name)
        return self._default(name) if found is None and self._default is not None else found

    def copy(self) -> TemplateSet:
        """A set that can grow without this one."""
        made = TemplateSet((), self._default, self.limits)
        made._known, made._trees = self._known, dict(self._trees)
        return made

    def names(self) -> list[str]:
        """All templates but the default ones, sorted."""
        return sorted(self._trees)

    def execute(
        self,
        name: str,
        data: Any,
        functions: Mapping[str, Function] | None = None,
        *,
        limits: Limits | None = None,
    ) -> str:
        """The text that a template gives.

        Args:
            data: The dot.
            functions: By name; all of those that the set was made with.
            limits: What it may cost; None for those of the set.

        Raises:
            BadInput: In Go's words, `template: …: executing "…" at <…>: …`.
        """
        tree = self.get(name)
        if tree is None:
            raise BadInput(f"template: no template {quote(name)}")
        return Executor(tree, self, functions or {}, limits=limits or self.limits).run(data)


class _Union:
    """Names of functions: ours and the caller's."""

    def __init__(self, names: Container[str]) -> None:
        self._names = names

    def __contains__(self, name: object) -> bool:
        return name in BUILTINS or name in self._names
