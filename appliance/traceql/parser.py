"""TraceQL → nodes (Grafana Tempo's main branch, pkg/traceql).

The grammar stands above its parts, the modules of `parsing`. Of several errors the first is
reported, in Tempo's words: `parse error at line L, col C: …`, or the sentence of a check without a
place. Below it may stand a second line that helps.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.traceql.parsing.pipelines import QueryReader
from appliance.traceql.validate import validate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.traceql.ast import Query

#: Nodes inside of nodes; more would exhaust the stack of those who work on them.
MAX_LEVELS = 150
#: Nodes take a hundred times as much memory as the text.
_LONGEST_REMEMBERED = 4096


def parse_query(text: str) -> Query:
    """Parse a query and check all that can be told without data.

    Raises:
        BadInput: It is not TraceQL.
    """
    return _remembered(text) if len(text) <= _LONGEST_REMEMBERED else _checked(text)


def _checked(text: str) -> Query:
    found = read_query(text)
    validate(found)
    return found


_remembered = functools.lru_cache(maxsize=512)(_checked)


def read_query(text: str) -> Query:
    """Parse a query without a check of its types.

    Raises:
        BadInput: It is not TraceQL.
    """
    found = QueryReader(text).query()
    _check_depth(found)
    return found


def _check_depth(query: Query) -> None:
    """Refuse what is too deep; without recursion, for that very reason."""
    stack: list[tuple[object, int]] = [(query, 0)]
    while stack:
        node, level = stack.pop()
        if level > MAX_LEVELS:
            raise BadInput(f"parse error : nested more than {MAX_LEVELS} deep")
        stack += ((child, level + 1) for child in _children(node))


def _children(node: object) -> Iterator[object]:
    for name in getattr(node, "__slots__", ()):
        value = getattr(node, name)
        if isinstance(value, tuple):
            yield from value
        elif hasattr(value, "__slots__"):
            yield value
