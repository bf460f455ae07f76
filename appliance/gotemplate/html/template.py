"""HTML templates ready for use: the way into this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.gotemplate.execute import Executor
from appliance.gotemplate.html.escape import Escaper
from appliance.gotemplate.html.escapers import ESCAPERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.gotemplate.evaluate import Limits
    from appliance.gotemplate.template import TemplateSet
    from appliance.gotemplate.values import Function


class HtmlTemplateSet:
    """Templates whose values are escaped for HTML; a template is escaped when it is first executed.

    Args:
        templates: Must not change any more.
    """

    def __init__(self, templates: TemplateSet) -> None:
        self._templates = templates
        self._escaped: dict[str, Mapping[str, Any] | BadInput] = {}

    def execute(
        self,
        name: str,
        data: Any,
        functions: Mapping[str, Function] | None = None,
        *,
        limits: Limits | None = None,
    ) -> str:
        """The text that a template gives; see `TemplateSet.execute`.

        Raises:
            BadInput: In Go's words; `html/template:…` for a template that cannot be escaped.
        """
        trees = self._trees(name)
        all_functions = {**(functions or {}), **ESCAPERS}
        limits = limits or self._templates.limits
        return Executor(trees[name], trees, all_functions, limits=limits).run(data)

    def _trees(self, name: str) -> Mapping[str, Any]:
        found = self._escaped.get(name)
        if found is None:
            escaper = Escaper(self._templates)
            try:
                escaper.escape(name)
                found = escaper.trees
            except BadInput as error:
                found = error
            self._escaped[name] = found
        if isinstance(found, BadInput):
            raise BadInput(found.message) from found
        return found
