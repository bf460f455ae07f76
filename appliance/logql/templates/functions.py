"""Functions of LogQL's templates (Loki 3, "Template functions"; pkg/logql/log/fmt.go).

Some are sprig's, some Go's, some Loki's own. `__line__` and `__timestamp__` belong to the entry
that a template is drawn for, so they are not here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, unquote_to_bytes

from appliance.base.errors import BadInput
from appliance.base.go_quantity import parse_bytes, parse_go_duration
from appliance.gotemplate.sprig import GO_TEXT, SPRIG
from appliance.gotemplate.sprig.data import regex
from appliance.gotemplate.sprig.dates import parsed_in
from appliance.gotemplate.sprig.text import MAX_CHARS, to_bytes, to_text
from appliance.gotemplate.times import Time
from appliance.gotemplate.values import Function

if TYPE_CHECKING:
    from collections.abc import Mapping

LINE, TIMESTAMP = "__line__", "__timestamp__"
_FROM_SPRIG = (
    "b64enc", "b64dec", "lower", "upper", "title", "trunc", "substr", "contains", "hasPrefix",
    "hasSuffix", "indent", "nindent", "replace", "repeat", "trim", "trimAll", "trimSuffix",
    "trimPrefix", "int", "float64", "add", "sub", "mul", "div", "mod", "addf", "subf", "mulf",
    "divf", "max", "min", "maxf", "minf", "ceil", "floor", "round", "fromJson", "date", "toDate",
    "now", "unixEpoch", "default", "regexReplaceAll", "regexReplaceAllLiteral",
)  # fmt: skip
#: Digits of a Unix time → nanoseconds in its unit: days, s, ms, µs, ns.
_EPOCH_UNITS = {5: 86_400 * 10**9, 10: 10**9, 13: 10**6, 16: 1000, 19: 1}
_BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2}).{0,2}", re.DOTALL)
_DIGITS = re.compile(r"[+-]?[0-9]+")


def count_matches(pattern: str, text: str) -> int:
    """How often an expression is found; empty matches beside another do not count."""
    found, last_end = 0, -1
    for match in regex(pattern).finditer(to_bytes(text)):
        if not match.start() == match.end() == last_end:
            found += 1
            last_end = match.end()
    return found


def decode_url(text: str) -> str:
    """What was escaped for the query of an address.

    Raises:
        BadInput: `invalid URL escape "%zz"`.
    """
    broken = _BAD_ESCAPE.search(text)
    if broken is not None:
        raise BadInput(f'invalid URL escape "{broken[0]}"')
    return to_text(unquote_to_bytes(to_bytes(text.replace("+", " "))))


def unix_to_time(text: str) -> Time:
    """A Unix time in days, seconds or smaller units, told apart by the number of digits.

    Raises:
        BadInput: No number, or not of 5, 10, 13, 16 or 19 digits.
    """
    unit = _EPOCH_UNITS.get(len(text))
    if _DIGITS.fullmatch(text) is None:
        cause = f'strconv.ParseInt: parsing "{text}": invalid syntax'
        raise BadInput(f"unable to parse time '{text}': {cause}")
    if unit is None:
        raise BadInput(f"unable to parse time '{text}': %!w(<nil>)")
    return Time(int(text) * unit)


def align_left(count: int, text: str) -> str:
    """A text of just so many letters, blanks or nothing after it."""
    return text if count < 0 else text[:count].ljust(_width(count))


def align_right(count: int, text: str) -> str:
    """A text of just so many letters, the last ones, blanks before it."""
    return text if count < 0 else text[max(0, len(text) - count) :].rjust(_width(count))


def _width(count: int) -> int:
    if count > MAX_CHARS:
        raise BadInput("strings: Repeat output length overflow")
    return count


def _seconds(text: str) -> float:
    return parse_go_duration(text) / 1e9


_S, _I, _T = "string", "int", "time.Time"
FUNCTIONS: Mapping[str, Function] = {
    **GO_TEXT,
    **{name: SPRIG[name] for name in _FROM_SPRIG},
    "alignLeft": Function((_I, _S), align_left),
    "alignRight": Function((_I, _S), align_right),
    "bytes": Function((_S,), lambda text: float(parse_bytes(text))),
    "count": Function((_S, _S), count_matches),
    "duration": Function((_S,), _seconds),
    "duration_seconds": Function((_S,), _seconds),
    "toDateInZone": Function((_S, _S, _S), parsed_in),
    "unixEpochMillis": Function((_T,), lambda when: str(when.ns // 10**6)),
    "unixEpochNanos": Function((_T,), lambda when: str(when.ns)),
    "unixToTime": Function((_S,), unix_to_time),
    "urldecode": Function((_S,), decode_url),
    "urlencode": Function((_S,), lambda text: quote_plus(to_bytes(text))),
}
