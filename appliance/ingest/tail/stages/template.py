"""The template stage (promtail, stages/template.go): Go templates with sprig's functions."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.gotemplate.builtins import BUILTINS
from appliance.gotemplate.compiled import NotPlain, compile_nodes
from appliance.gotemplate.execute import Executor
from appliance.gotemplate.parser import parse
from appliance.gotemplate.sprig import GO_TEXT, SPRIG
from appliance.gotemplate.sprig.text import to_bytes
from appliance.gotemplate.values import Function
from appliance.ingest.tail.stages.values import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.ingest.tail.entry import Entry
    from appliance.ingest.tail.stage_config import TemplateStage

_S = "string"
FUNCTIONS: Mapping[str, Function] = {
    **SPRIG,
    **GO_TEXT,
    "Hash": Function((_S, _S), lambda salt, text: _digest("sha3_256", salt + text)),
    "Sha2Hash": Function((_S, _S), lambda salt, text: _digest("sha256", salt + text)),
}
_KNOWN = frozenset([*BUILTINS, *FUNCTIONS])


def _digest(name: str, text: str) -> str:
    return hashlib.new(name, to_bytes(text)).hexdigest()


class StageTemplate:
    """A template over a map of texts; what the map does not have is `<no value>`.

    Raises:
        BadInput: It is no template.
    """

    def __init__(self, text: str) -> None:
        trees = parse("pipeline_template", text, _KNOWN)
        self._main = trees[0]
        self._trees = {tree.name: tree for tree in trees}
        self._run = compile_nodes(self._main.body, FUNCTIONS)

    def draw(self, values: dict[str, Any]) -> str:
        """The text; bytes of letters that were cut in two are U+FFFD.

        Raises:
            BadInput: It fails on these values.
        """
        text = self._drawn(values)
        return text if text.isascii() else to_bytes(text).decode("utf-8", "replace")

    def _drawn(self, values: dict[str, Any]) -> str:
        if self._run is not None:
            try:
                return self._run(values)
            except NotPlain:
                pass
        return Executor(self._main, self._trees, FUNCTIONS).run(values)


class Template:
    """The stage at work; an empty result removes the extracted value."""

    def __init__(self, config: TemplateStage) -> None:
        self._source = config.source
        self._template = StageTemplate(config.template)

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Extract values."""
        source = self._source
        for entry in entries:
            extracted = entry.extracted
            values: dict[str, Any] = {
                name: text
                for name, value in extracted.items()
                if (text := text_of(value)) is not None
            }
            if source in values:
                values["Value"] = values[source]
            values["Entry"] = entry.line
            try:
                text = self._template.draw(values)
            except BadInput:
                continue
            if text:
                extracted[source] = text
            else:
                extracted.pop(source, None)
        return entries
