"""LogQL queries as text, in the form Loki prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from appliance.logql.ast import Pipeline


def print_query(query: Pipeline) -> str:
    """The canonical text; parsing it gives an equal query."""
    matchers = ", ".join(f"{m.name}{m.op.value}{quote(m.value)}" for m in query.matchers)
    stages = "".join(f" {stage.op.value} {quote(stage.text)}" for stage in query.stages)
    return f"{{{matchers}}}{stages}"
