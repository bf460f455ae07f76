"""LogQL → nodes (Loki's main branch, pkg/logql/syntax).

The grammar stands above its parts, the modules of `parsing`. Of several errors the first is
reported, in Loki's words.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.logql.ast import Pipeline
from appliance.logql.check import check_matchers, validate
from appliance.logql.parsing.metrics import MetricReader
from appliance.logql.parsing.tokens import wrong

if TYPE_CHECKING:
    from appliance.logql.ast import Query
    from appliance.model.matcher import Matcher

#: Bytes of a query.
_LONGEST = 131_072


@functools.lru_cache(maxsize=512)
def parse(text: str) -> Query:
    """Parse a query and check all that can be told without data.

    Raises:
        BadInput: It is not LogQL.
    """
    found = _read(text)
    validate(found)
    return found


def parse_log(text: str) -> Pipeline:
    """Parse a log query.

    Raises:
        BadInput: It is none.
    """
    found = parse(text)
    if not isinstance(found, Pipeline):
        raise BadInput("only log selector is supported")
    return found


def parse_matchers(text: str, *, may_be_empty: bool = False) -> tuple[Matcher, ...]:
    """The matchers of a selector without stages.

    Args:
        may_be_empty: Whether it may take in every stream.

    Raises:
        BadInput: It is no selector, or more than one.
    """
    found = _read(text)
    if not isinstance(found, Pipeline) or found.stages:
        raise BadInput("only label matchers are supported")
    if not may_be_empty:
        check_matchers(found.matchers, found.position)
    return found.matchers


def _read(text: str) -> Query:
    size = len(text.encode("utf-8", "surrogatepass"))
    if size >= _LONGEST:
        raise wrong(f"input size too long ({size} > {_LONGEST})")
    reader = MetricReader(text)
    found = reader.query()
    reader.end()
    return found
