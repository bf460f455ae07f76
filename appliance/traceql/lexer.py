"""Tokens of TraceQL (Grafana Tempo's main branch, pkg/traceql/lexer.go).

Kinds are named as Tempo's messages name them: keywords and marks by their text, names of
attributes and other words IDENTIFIER. Behind a scope (`.`, `span.`, `parent.` …) stands the
attribute's name up to a blank or one of `{}()=~!<>&|^,`, and then END_ATTRIBUTE.

Invariants:
- The last token is END, or an ERROR whose text says what is wrong. Whoever reads the tokens
  complains about an earlier token before it meets the ERROR, as in Tempo.
- The position of a name and of its END_ATTRIBUTE is that of the scope, as in Tempo's messages.
"""

from __future__ import annotations

import re

from appliance.base.errors import BadInput
from appliance.syntax.go_literals import read_duration
from appliance.syntax.go_scanner import BLANKS, NUMBER, STRING, unreadable, wrong_number
from appliance.syntax.lexer import ERROR, Token

IDENTIFIER, INTEGER, FLOAT, DURATION = "IDENTIFIER", "INTEGER", "FLOAT", "DURATION"
TEXT, END_ATTRIBUTE, END = "STRING", "END_ATTRIBUTE", "$end"
#: The kind of the word `error`; "error" is what ERROR is called.
STATUS_ERROR = "STATUS_ERROR"

AGGREGATES = frozenset(["count", "avg", "max", "min", "sum"])
METRICS = frozenset(
    [
        "rate", "count_over_time", "min_over_time", "max_over_time", "avg_over_time",
        "sum_over_time", "quantile_over_time", "histogram_over_time", "compare",
    ]
)  # fmt: skip
STATUSES = frozenset(["ok", STATUS_ERROR, "unset"])
KINDS = frozenset(["unspecified", "internal", "server", "client", "producer", "consumer"])
#: Words of intrinsics, bare or behind a scope with a colon.
FIELD_WORDS = frozenset(
    [
        "duration", "childCount", "name", "status", "statusMessage", "kind", "rootName",
        "rootServiceName", "rootService", "traceDuration", "nestedSetLeft", "nestedSetRight",
        "nestedSetParent", "id", "traceID", "spanID", "parentID", "timeSinceStart", "version",
        "parent",
    ]
)  # fmt: skip
#: Scopes of attributes.
DOTS = frozenset([".", "parent.", "resource.", "span.", "event.", "link.", "instrumentation."])
#: Scopes of intrinsics.
COLONS = frozenset(["trace:", "span:", "event:", "link:", "instrumentation:"])
KEYWORDS = (
    AGGREGATES | METRICS | STATUSES | KINDS | FIELD_WORDS
    | {"error", "true", "false", "nil", "by", "coalesce", "select", "topk", "bottomk", "with"}
)  # fmt: skip

#: What may be wrong with an attribute's name.
NAME_ERRORS = ("invalid escape sequence", 'unexpected EOF, expecting "')

_NAME_END = r"\s\x85\xa0{}()=~!<>&|^,"
_NAME = re.compile(rf'(?:"(?:[^"\\]|\\["\\])*"|[^"{_NAME_END}])*')
_PLAIN_NAME = re.compile(rf'[^"\\{_NAME_END}]+')
_NESTED_SCOPE = re.compile(r"(?:resource|span)\.")
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
_UNFINISHED_NAME = re.compile(r'"(?:[^"\\]|\\["\\])*(\\)?')
_TOKEN = re.compile(
    rf"(?P<blank>{BLANKS})"
    r"|(?P<scope>(?:parent|resource|span|event|link|instrumentation)\.|\.(?![0-9])"
    r"|(?:trace|span|event|link|instrumentation):)"
    r"|(?P<word>[^\W\d]\w*)"
    rf"|(?P<number>{NUMBER})"
    rf"|(?P<string>{STRING})"
    r"|(?P<mark>!>>|!<<|!=|!~|!>|!<|!|=~|=|&&|&>>|&<<|&>|&<|&~|\|\||\||>>|>=|>|<<|<=|<|~"
    r"|[{}(),+\-%*^]|/(?!\*))"
    # To Tempo any other character is a name, and so is one in single quotes.
    r"|(?P<other>'(?:[^'\\\n]|\\.)'|[^\"`/'\0])"
)
#: What may be the rest of a duration, after a number; bounded, as each number looks.
_DURATION_TAIL = re.compile(r"[nsumhµdwy.\d]{1,64}(?![nsumhµdwy.\d])")
_LONGEST_INTEGER = len(str(2**63))


def tokens(text: str) -> list[Token]:
    """The tokens of a query."""
    found: list[Token] = []
    at = 0
    while at < len(text) and (match := _TOKEN.match(text, at)):
        group, start, at = match.lastgroup or "", at, match.end()
        piece = match[0]
        if group == "blank":
            continue
        if group == "scope" and piece in DOTS:
            found.append(Token(piece, piece, start, at))
            at = _attribute(text, found, start, at)
        elif group == "number":
            at = _number(text, found, start, at)
        else:
            found.append(Token(_kind(group, piece), piece, start, at))
        if found[-1].kind == ERROR:
            return found
    if at < len(text):
        found.append(Token(ERROR, unreadable(text, at), at, at + 1))
    else:
        found.append(Token(END, "", at, at))
    return found


def unquote_name(text: str) -> str:
    """An attribute's name without the quotes around parts of it."""
    if '"' not in text:
        return text
    return _QUOTED.sub(lambda match: re.sub(r"\\(.)", r"\1", match[1]), text)


def quote_name(name: str, *, is_parent: bool = False) -> str:
    """An attribute's name as queries write it, in quotes where it has to be.

    Args:
        is_parent: Whether it stands right behind `parent.`, where another scope may stand.
    """
    is_ambiguous = is_parent and _NESTED_SCOPE.match(name)
    if _PLAIN_NAME.fullmatch(name) and not is_ambiguous:
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _kind(group: str, piece: str) -> str:
    if group == "string":
        return TEXT
    is_known = group in {"mark", "scope"} or (group == "word" and piece in KEYWORDS)
    if piece == "error":
        return STATUS_ERROR
    return piece if is_known else IDENTIFIER


def _attribute(text: str, found: list[Token], start: int, at: int) -> int:
    """Add what follows a scope: perhaps a second scope, the name and its end."""
    nested = _NESTED_SCOPE.match(text, at) if found[-1].kind == "parent." else None
    if nested:
        at = nested.end()
        found.append(Token(nested[0], nested[0], start, at))
    name = _NAME.match(text, at)
    end = name.end() if name else at
    if text[end : end + 1] == '"':
        unfinished = _UNFINISHED_NAME.match(text, end)
        is_escape = unfinished is not None and unfinished[1] is not None
        wrong = NAME_ERRORS[0 if is_escape else 1]
        found.append(Token(ERROR, wrong, start, end))
        return end
    if end > at:
        found.append(Token(IDENTIFIER, text[at:end], start, end))
    found.append(Token(END_ATTRIBUTE, "", start, end))
    return end


def _number(text: str, found: list[Token], start: int, end: int) -> int:
    """Add a number or a duration; where it ends."""
    piece = text[start:end]
    if wrong := wrong_number(piece):
        found.append(Token(ERROR, wrong, start, end))
        return end
    tail = _DURATION_TAIL.match(text, end)
    if tail and _is_duration(text[start : tail.end()]):
        found.append(Token(DURATION, text[start : tail.end()], start, tail.end()))
        return tail.end()
    is_hexadecimal = piece[1:2] in {"x", "X"}
    is_float = bool(set(piece) & set(".pP")) or (
        not is_hexadecimal and bool(set(piece) & set("eE"))
    )
    if is_float:
        found.append(Token(FLOAT, piece, start, end))
        return end
    # As Go's Atoi: decimal digits only, 64 bits.
    wrong = ""
    if not piece.isdecimal():
        wrong = f'strconv.Atoi: parsing "{piece}": invalid syntax'
    elif len(piece.lstrip("0")) > _LONGEST_INTEGER or int(piece) >= 2**63:
        wrong = f'strconv.Atoi: parsing "{piece}": value out of range'
    found.append(Token(ERROR if wrong else INTEGER, wrong or piece, start, end))
    return end


def _is_duration(text: str) -> bool:
    try:
        read_duration(text)
    except BadInput:
        return False
    return True
