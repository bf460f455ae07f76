"""PromQL → nodes (Prometheus 3.14, promql/parser/generated_parser.y).

The grammar stands above its parts: parser_expression, parser_selector, parser_duration. Errors are
worded as Prometheus words them: `line:column: parse error: …`, columns in bytes; of several errors
the first is reported.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from appliance.promql.context import ALL_FEATURES
from appliance.promql.parser_expression import ExpressionReader
from appliance.promql.parser_selector import NAMES
from appliance.promql.type_check import TypeCheck
from appliance.syntax.lexer import END

if TYPE_CHECKING:
    from appliance.model.matcher import Matcher
    from appliance.promql.ast import Expr


@functools.lru_cache(maxsize=512)
def parse(text: str, features: frozenset[str] = ALL_FEATURES) -> Expr:
    """Parse an expression and check its types.

    Args:
        features: Feature flags that are on; what needs another one is refused.

    Raises:
        BadInput: It is not PromQL.
    """
    reader = ExpressionReader(text, features)
    if reader.peek().kind == END:
        raise reader.wrong("no expression found in input", 0)
    found = reader.expression()
    if reader.peek().kind != END:
        raise reader.unexpected()
    TypeCheck(text, reader.written).check(found)
    return found


def parse_selector(text: str) -> tuple[Matcher, ...]:
    """The matchers of a selector, as `match[]` gives them; they may match everything.

    Raises:
        BadInput: It is not a selector, or anything else beside it.
    """
    reader = ExpressionReader(text, ALL_FEATURES)
    start = reader.peek().kind
    if start not in NAMES and start != "{":
        raise reader.unexpected()
    found = reader.selector()
    if reader.peek().kind != END:
        raise reader.unexpected()
    return found.matchers
