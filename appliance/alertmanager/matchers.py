"""Matchers as Alertmanager writes them (Alertmanager, UTF-8 matchers, fallback mode).

The UTF-8 grammar is tried first: `name op value` with either side bare or double-quoted, joined by
commas, braces around and a trailing comma allowed. What it refuses is tried with the classic
grammar, in which the value is the rest of the text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from appliance.base.errors import BadInput
from appliance.model.matcher import Matcher, MatchOp

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOKEN = re.compile(
    r"""\s*(?:(?P<op>=~|!~|!=|=)|(?P<mark>[{},])|(?P<quoted>"(?:[^"\\]|\\.)*")"""
    r"""|(?P<bare>[^\s{}!=~,\\"'`]+))""",
    re.DOTALL,
)
_CLASSIC = re.compile(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|!~|!=|=)\s*(.*?)\s*", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_Token = tuple[str, str]


class MatcherList(tuple[Matcher, ...]):
    """Matchers written in one text; all must hold."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The matchers of one line."""
        return cls(parse_matchers(text))


def parse_matchers(text: str) -> list[Matcher]:
    """Matchers such as `severity="critical", team=~"a|b"`.

    Raises:
        BadInput: Neither grammar takes the text, or an expression is broken.
    """
    try:
        matchers = _parse_utf8(text)
    except BadInput as error:
        classic = _parse_classic(text)
        if classic is None:
            raise BadInput(f"bad matcher format: {text!r}: {error.message}") from error
        matchers = classic
    for matcher in matchers:
        matcher.check()
    return matchers


def _parse_utf8(text: str) -> list[Matcher]:
    tokens = _tokens(text)
    if tokens and tokens[0] == ("mark", "{"):
        if tokens[-1] != ("mark", "}") or len(tokens) < 2:
            raise BadInput("expected a closing brace")
        tokens = tokens[1:-1]
    matchers: list[Matcher] = []
    while tokens:
        kinds = [kind for kind, _ in tokens[:3]]
        names = {"bare", "quoted"}
        if len(kinds) < 3 or kinds[0] not in names or kinds[1] != "op" or kinds[2] not in names:
            raise BadInput('write name="value", with the operator =, !=, =~ or !~')
        (_, name), (_, op), (_, value) = tokens[:3]
        matchers.append(Matcher(name, MatchOp(op), value))
        tokens = tokens[3:]
        if tokens and tokens[0] != ("mark", ","):
            raise BadInput(f"expected a comma before {tokens[0][1]!r}")
        tokens = tokens[1:]
    if not matchers:
        raise BadInput("there is no matcher")
    return matchers


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadInput(f"{text[at:].strip()[:1]!r} is not expected here; quote the value")
        kind = str(match.lastgroup)
        value = match[kind]
        tokens.append((kind, _unquoted(value) if kind == "quoted" else value))
        at = match.end()
    return tokens


def _unquoted(quoted: str) -> str:
    def replaced(match: re.Match[str]) -> str:
        if match[1] not in _ESCAPED:
            raise BadInput(f"{match[0]!r} is not an escape")
        return _ESCAPED[match[1]]

    return _ESCAPE.sub(replaced, quoted[1:-1])


def _parse_classic(text: str) -> list[Matcher] | None:
    """Matchers in the classic grammar; None when it refuses them, too."""
    inner = text.strip().removeprefix("{").removesuffix("}")
    matchers: list[Matcher] = []
    for part in _split(inner):
        match = _CLASSIC.fullmatch(part)
        value = match[3] if match else ""
        is_quoted = len(value) > 1 and value.startswith('"') and value.endswith('"')
        inner_value = value[1:-1] if is_quoted else value
        if match is None or re.search(r'(?<!\\)(?:\\\\)*"', inner_value):
            return None
        text_value = re.sub(r'\\([n"\\])', lambda escape: _ESCAPED[str(escape[1])], inner_value)
        matchers.append(Matcher(match[1], MatchOp(match[2]), text_value))
    return matchers or None


def _split(text: str) -> Sequence[str]:
    """Parts between commas that are outside quotes; empty parts at the end do not count."""
    parts = re.findall(r'(?:[^,"\\]|\\.|"(?:[^"\\]|\\.)*"|")+', text, re.DOTALL)
    return [part for part in parts if part.strip()]
