"""What may be meant by a query that is not TraceQL: a second line below Tempo's message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.traceql.lexer import (
    AGGREGATES,
    COLONS,
    FIELD_WORDS,
    IDENTIFIER,
    KINDS,
    METRICS,
    STATUSES,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.syntax.lexer import Token

_COMPARISONS = frozenset(["=", "!=", "=~", "!~", ">", ">=", "<", "<="])
_WORD_OPERATORS = {"and": "&&", "or": "||", "not": "!"}
_OTHER_QUOTES = "'\u201c\u2018"
_RANKINGS = frozenset(["topk", "bottomk"])
_OPEN_FIELDS = "span.{0}, resource.{0} or .{0}"
#: How names of resources' attributes begin (OpenTelemetry, "Resource semantic conventions").
_OF_RESOURCES = frozenset(
    ["cloud", "container", "deployment", "host", "k8s", "os", "process", "service", "telemetry"]
)
#: Intrinsics that exist only behind a scope.
_ONLY_SCOPED = {
    "childCount": "span:childCount", "id": "span:id or trace:id", "traceID": "trace:id",
    "spanID": "span:id", "parentID": "span:parentID", "rootService": "trace:rootService",
    "timeSinceStart": "event:timeSinceStart", "version": "instrumentation:version",
}  # fmt: skip


def hint(tokens: Sequence[Token], token: Token, expected: str) -> str:
    """What may be meant; the empty string where there is no idea.

    Args:
        tokens: All of the query.
        token: The one that did not fit.
        expected: What would have fitted, if it was told.
    """
    at = next(number for number, one in enumerate(tokens) if one is token)
    before = tokens[at - 1] if at else None
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    if token.kind == IDENTIFIER:
        return _dotted(tokens[at : at + 3]) or _word(token, before, after)
    found = ""
    if before and before.kind == "=" and token.kind == "=":
        found = "did you mean `=`?"
    elif token.kind in _ONLY_SCOPED and (before is None or before.kind not in COLONS):
        found = f"did you mean {_ONLY_SCOPED[token.kind]}?"
    elif token.kind in METRICS | _RANKINGS and at == 0:
        found = f"did you mean {{ }} | {token.kind}(…)?"
    elif token.kind in _RANKINGS:
        found = f"{token.kind} ranks series: write it behind a metrics function such as rate()"
    elif expected == "with" and token.kind in _COMPARISONS:
        found = "a spanset is not compared; write the condition inside of the braces"
    return found


def _dotted(tokens: Sequence[Token]) -> str:
    """An attribute whose scope is missing, such as `service.name`."""
    if len(tokens) < 3 or tokens[1].kind != "." or tokens[1].position != tokens[0].end:
        return ""
    name = f"{tokens[0].text}.{tokens[2].text}"
    first, second = (
        ("resource", "span") if tokens[0].text in _OF_RESOURCES else ("span", "resource")
    )
    return f"did you mean {first}.{name}, {second}.{name} or .{name}?"


def _word(token: Token, before: Token | None, after: Token | None) -> str:
    """A word that is none of the language's."""
    word = token.text
    if word.lower() in _WORD_OPERATORS:
        return f"did you mean `{_WORD_OPERATORS[word.lower()]}`?"
    if word[0] in _OTHER_QUOTES:
        return 'write text in double quotes or backquotes: "…"'
    if not (word[0].isalpha() or word[0] == "_"):
        return ""
    if after is not None and after.kind == "(":
        near = _nearest(word, METRICS | AGGREGATES | _RANKINGS | {"by", "select", "coalesce"})
        return f"did you mean {near}?" if near else ""
    if before is not None and before.kind in _COMPARISONS:
        near = _nearest(word, STATUSES | KINDS | {"true", "false", "nil"})
        return f"did you mean {near}?" if near else f'write text in quotes: "{word}"'
    near = _nearest(word, FIELD_WORDS - set(_ONLY_SCOPED))
    meant = _OPEN_FIELDS.format(word)
    return f"did you mean {near}, or {meant}?" if near else f"did you mean {meant}?"


def _nearest(word: str, known: frozenset[str] | set[str]) -> str:
    import difflib  # noqa: PLC0415 - only for a message

    by_lower = {one.lower(): one for one in sorted(known)}
    near = difflib.get_close_matches(word.lower(), by_lower, 1)
    return by_lower[near[0]] if near else ""
