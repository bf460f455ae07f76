r"""Matchers as Alertmanager writes them (Alertmanager, UTF-8 matchers, fallback mode).

Two grammars are tried. The UTF-8 one: `name op value`, either side bare or in double quotes with
Go's escapes, joined by commas, braces around and a trailing comma allowed. The classic one: the
value is the rest of the text, and only `\n`, `\"` and `\\` are escapes. Where only one takes a
text, it holds; where both do and read it differently, the classic one holds; where neither does,
the classic one's complaint is told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Self

from appliance.base.errors import BadInput
from appliance.model.matcher import Matcher, MatchOp
from appliance.syntax.quoting import quote, unquote_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: What Go's unicode.IsSpace calls space.
_SPACE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_RESERVED = "{}!=~,\\\\\"'`"
_TOKEN = re.compile(
    rf"""[{_SPACE}]*(?:(?P<op>=~|!~|!=|=)|(?P<mark>[{{}},])|(?P<quoted>"(?:[^"\\]|\\.)*")"""
    rf"""|(?P<bare>[^{_SPACE}{_RESERVED}]+)|(?P<end>\Z)|(?P<other>.))""",
    re.DOTALL,
)
_IS_RESERVED = re.compile(f"[{_SPACE}{_RESERVED}]")
_CLASSIC = re.compile(
    r"[\t\n\f\r ]*([a-zA-Z_:][a-zA-Z0-9_:]*)[\t\n\f\r ]*(=~|=|!=|!~)[\t\n\f\r ]*(.*?)[\t\n\f\r ]*",
    re.DOTALL,
)
_CLASSIC_ESCAPE = re.compile(r'\\([n"\\])')
#: A double quote that no backslash escapes.
_LONE_QUOTE = re.compile(r'(?<!\\)(?:\\\\)*"')
_Token = tuple[str, str]


class MatcherList(tuple[Matcher, ...]):
    """Matchers written in one text; all must hold."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The matchers of one line."""
        return cls(parse_matchers(text))


def parse_matchers(text: str) -> list[Matcher]:
    """Matchers such as `severity="critical", team=~"a|b"`; none from an empty text or `{}`.

    Raises:
        BadInput: Neither grammar takes the text, or an expression is broken.
    """
    classic, complaint = _attempt_classic(text)
    try:
        matchers = _parse_utf8(text)
    except BadInput as error:
        if classic is None:
            raise (complaint or error) from error
        return classic
    return matchers if classic is None or classic == matchers else classic


def parse_matcher(text: str) -> Matcher:
    """One matcher, without braces.

    Raises:
        BadInput: It is none, or there are several.
    """
    try:
        classic = _parse_classic(text)
        classic.check()
    except BadInput as complaint:
        return _parse_only(text, complaint)
    return classic


def _parse_only(text: str, complaint: BadInput) -> Matcher:
    """One matcher that the classic grammar refused."""
    try:
        matchers = _parse_utf8(text)
    except BadInput as error:
        raise complaint from error
    if len(matchers) != 1:
        raise complaint
    return matchers[0]


def matchers_of(
    equal: Mapping[Any, str], regex: Mapping[Any, str], lists: Iterable[Iterable[Matcher]]
) -> tuple[Matcher, ...]:
    """What `match`, `match_re` and `matchers` of a section say together.

    Expressions of `match_re` are kept with their anchors, as the original shows them in group keys.
    """
    return (
        *(Matcher(name, MatchOp.EQUAL, value) for name, value in equal.items()),
        *(Matcher(name, MatchOp.REGEX, f"^(?:{value})$") for name, value in regex.items()),
        *(matcher for group in lists for matcher in group),
    )


def print_matcher(matcher: Matcher) -> str:
    """A matcher as Alertmanager prints it."""
    if _IS_RESERVED.search(matcher.name):
        return f"{quote(matcher.name)}{matcher.op.value}{quote(matcher.value)}"
    return str(matcher)


def _checked(matchers: list[Matcher]) -> list[Matcher]:
    for matcher in matchers:
        matcher.check()
    return matchers


def _parse_utf8(text: str) -> list[Matcher]:
    tokens = _tokens(text)
    is_open = bool(tokens) and tokens[0] == ("mark", "{")
    at = int(is_open)
    matchers: list[Matcher] = []
    while at < len(tokens) and tokens[at] != ("mark", "}"):
        kinds = [kind for kind, _ in tokens[at : at + 3]]
        sides = {"bare", "quoted"}
        if len(kinds) < 3 or kinds[0] not in sides or kinds[1] != "op" or kinds[2] not in sides:
            raise BadInput('write name="value", with the operator =, !=, =~ or !~')
        (_, name), (_, op), (_, value) = tokens[at : at + 3]
        matchers.append(Matcher(name, MatchOp(op), value))
        at += 3
        if at < len(tokens) and tokens[at] == ("mark", ","):
            at += 1
        elif at < len(tokens) and tokens[at] != ("mark", "}"):
            raise BadInput(f"expected a comma before {tokens[at][1]!r}")
    if tokens[at:] != ([("mark", "}")] if is_open else []):
        raise BadInput("braces must open and close around all matchers")
    return _checked(matchers)


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        if kind == "end":
            break
        value = match[kind]
        if kind == "other":
            raise BadInput(f"{value!r} is not expected here; quote the value")
        if kind == "quoted":
            if "\n" in value:
                raise BadInput("a quoted text ends in its line")
            value = _unquoted(value)
        tokens.append((kind, value))
    return tokens


def _unquoted(text: str) -> str:
    try:
        return unquote_bytes(text).decode() if "\\" in text else text[1:-1]
    except UnicodeDecodeError as error:
        raise BadInput(f"{text}: invalid input: bytes that are no UTF-8") from error


def _attempt_classic(text: str) -> tuple[list[Matcher] | None, BadInput | None]:
    """What the classic grammar reads, or its complaint."""
    inner = text.removeprefix("{").removesuffix("}")
    try:
        return _checked([_parse_classic(part) for part in _split(inner)]), None
    except BadInput as error:
        return None, error


def _parse_classic(text: str) -> Matcher:
    match = _CLASSIC.fullmatch(text)
    if match is None:
        raise BadInput(f"bad matcher format: {text}")
    name, op, value = match.groups()
    inner = value
    is_quoted = value.startswith('"')
    if is_quoted:
        inner = value[1:]
        closing = list(_LONE_QUOTE.finditer(inner))
        is_whole = len(closing) == 1 and closing[0].end() == len(inner)
        inner = inner[:-1]
    else:
        is_whole = _LONE_QUOTE.search(inner) is None
    if not is_whole:
        raise BadInput(f"matcher value contains unescaped double quote: {value}")
    unescaped = _CLASSIC_ESCAPE.sub(lambda one: {"n": "\n"}.get(one[1], one[1]), inner)
    return Matcher(name, MatchOp(op), unescaped)


def _split(text: str) -> list[str]:
    """Parts between commas outside of quotes; what follows the last comma counts if not blank."""
    parts: list[str] = []
    start = 0
    is_inside = is_escaped = False
    for at, char in enumerate(text):
        if char == "," and not is_inside:
            parts.append(text[start:at])
            start = at + 1
        elif char == '"' and not is_escaped:
            is_inside = not is_inside
        is_escaped = char == "\\" and not is_escaped
    last = text[start:].strip()
    return [*parts, last] if last else parts
