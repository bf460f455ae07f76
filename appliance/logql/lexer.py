"""Tokens of LogQL (Loki's main branch, pkg/logql/syntax/lex.go).

Kinds are named as Loki's messages name them. Keywords are recognised in any case; the names of
functions only where a parenthesis or a grouping follows, so that they can be label names.

Invariants:
- The last token is END, or an ERROR whose text says what is wrong. Whoever reads the tokens
  complains about an earlier token before it meets the ERROR, as in Loki.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from appliance.base.errors import BadInput
from appliance.base.go_quantity import parse_bytes
from appliance.syntax.go_literals import read_duration, read_prometheus_duration
from appliance.syntax.go_scanner import NUMBER as NUMBER_PATTERN
from appliance.syntax.go_scanner import STRING as STRING_PATTERN
from appliance.syntax.go_scanner import unreadable, wrong_number

IDENTIFIER, STRING, NUMBER, RANGE = "IDENTIFIER", "STRING", "NUMBER", "RANGE"
DURATION, BYTES, FLAG = "DURATION", "BYTES", "FUNCTION_FLAG"
END, ERROR = "$end", "error"

RANGE_FUNCTIONS = frozenset(
    [
        "rate", "rate_counter", "count_over_time", "bytes_rate", "bytes_over_time", "sum_over_time",
        "avg_over_time", "max_over_time", "min_over_time", "stdvar_over_time", "stddev_over_time",
        "quantile_over_time", "first_over_time", "last_over_time", "absent_over_time",
    ]
)  # fmt: skip
VECTOR_FUNCTIONS = frozenset(
    [
        "sum", "avg", "max", "min", "count", "stddev", "stdvar", "topk", "bottomk", "sort",
        "sort_desc", "approx_topk",
    ]
)  # fmt: skip
KEYWORDS = frozenset(
    [
        "bool", "by", "without", "on", "ignoring", "group_left", "group_right", "offset", "unwrap",
        "json", "regexp", "logfmt", "unpack", "pattern", "label_format", "line_format",
        "decolorize", "drop", "keep", "and", "or", "unless", "variants", "of",
    ]
)  # fmt: skip
_FUNCTIONS = (
    {name: name.upper() for name in RANGE_FUNCTIONS | VECTOR_FUNCTIONS}
    | {name: name for name in ("label_replace", "ip")}
    | {"vector": "VECTOR", "bytes": "BYTES_CONV", "duration": "DURATION_CONV"}
    | {"duration_seconds": "DURATION_SECONDS_CONV"}
)
_WORDS = {word: word for word in KEYWORDS} | _FUNCTIONS
_CALLED = frozenset(_FUNCTIONS.values())
#: Kinds of tokens by the group of the expression that finds them.
_PLAIN = {"string": STRING, "other": IDENTIFIER}
_PARSED = {DURATION: read_duration, BYTES: parse_bytes, RANGE: read_prometheus_duration}

_TOKEN = re.compile(
    r"(?P<blank>(?:[ \t\r\n]+|#[^\n]*|//[^\n]*|/\*(?s:.*?)\*/)+)"
    r"|(?P<word>[^\W\d]\w*)"
    r"|(?P<mark>\|[=~>]|![=~>]|=[=~]|[><]=|[{}(),=|<>+*%^\]]|/(?!\*)|\.(?!\d))"
    rf"|(?P<string>{STRING_PATTERN})"
    r"|(?P<range>\[[^\]]*\])"
    rf"|(?P<number>{NUMBER_PATTERN})"
    r"|(?P<minus>-)"
    # To Loki any other character is a name, and so is one in single quotes.
    r"|(?P<other>'(?:[^'\\\n]|\\.)'|[^\"`\[/'\0])"
)
_CALL_FOLLOWS = re.compile(r"\s*(?:\(|(?i:by|without)\s*\()")
#: What may be the rest of a duration or a size, after a number; bounded, as each number looks.
_DURATION_TAIL = re.compile(r"[nuµmshdwy.\d]{1,64}(?![nuµmshdwy.\d])")
_SIZE_TAIL = re.compile(r"[BikKMGTP.\d]{1,64}(?![BikKMGTP.\d])")
_FLAG = re.compile(r"--(?:strict|keep-empty)(?![^\W\d_]|-)")


@dataclass(slots=True)
class Tokens:
    """The tokens of a query, as columns.

    Attributes:
        texts: As written; for an ERROR what is wrong.
        starts: Offsets of the first characters.
    """

    kinds: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    def add(self, kind: str, text: str, start: int) -> None:
        """One more token."""
        self.kinds.append(kind)
        self.texts.append(text)
        self.starts.append(start)


def tokens(text: str) -> Tokens:
    """The tokens of a query."""
    found = Tokens()
    add, match_at = found.add, _TOKEN.match
    at = 0
    while at < len(text) and (match := match_at(text, at)):
        group, start, at = match.lastgroup or "", at, match.end()
        if group == "blank":
            continue
        piece = match[0]
        if group == "mark":
            add(piece, piece, start)
        elif group == "word":
            kind = _WORDS.get(piece.lower(), IDENTIFIER)
            if kind in _CALLED and not _CALL_FOLLOWS.match(text, at):
                kind = IDENTIFIER
            add(kind, piece, start)
        elif group in _PLAIN:
            add(_PLAIN[group], piece, start)
        else:
            kind, end = _number(text, group, start, at)
            if kind == ERROR:
                add(ERROR, _wrong(text, start, at), start)
                return found
            add(kind, text[start:end], start)
            at = end
    if at < len(text):
        add(ERROR, _unreadable(text, at), at)
    else:
        add(END, "", at)
    return found


def _number(text: str, group: str, start: int, end: int) -> tuple[str, int]:
    """Kind and end of what starts with a digit, a minus or a bracket."""
    if group == "range":
        return (RANGE if _reads(RANGE, text[start + 1 : end - 1]) else ERROR), end
    if group == "number" and wrong_number(text[start:end]):
        return ERROR, end
    if group == "minus" and (flag := _FLAG.match(text, start)):
        return FLAG, flag.end()
    kinds = ((DURATION, _DURATION_TAIL), (BYTES, _SIZE_TAIL))
    for kind, pattern in kinds[: 1 if group == "minus" else 2]:
        tail = pattern.match(text, end)
        if tail and _reads(kind, text[start : tail.end()]):
            return kind, tail.end()
    return ("-" if group == "minus" else NUMBER), end


def _reads(kind: str, text: str) -> bool:
    try:
        _PARSED[kind](text)
    except BadInput:
        return False
    return True


def _wrong(text: str, start: int, end: int) -> str:
    if text[start] != "[":
        return wrong_number(text[start:end])
    try:
        read_prometheus_duration(text[start + 1 : end - 1])
    except BadInput as error:
        return error.message
    return ""


def _unreadable(text: str, at: int) -> str:
    """What is wrong where no token starts."""
    return "missing closing ']' in duration" if text[at] == "[" else unreadable(text, at)
