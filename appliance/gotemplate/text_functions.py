"""Functions on text that Prometheus' and Alertmanager's templates share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from appliance.base.errors import BadInput
from appliance.base.re2 import Pattern
from appliance.gotemplate.values import Function, SafeHtml
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What `strings.TrimSpace` takes away.
SPACES = "".join(
    [
        "\t\n\v\f\r \x85\xa0\u1680",
        *map(chr, range(0x2000, 0x200B)),
        "\u2028\u2029\u202f\u205f\u3000",
    ]
)
#: A word as Unicode sees it: apostrophes and dots within letters do not end one.
_WORD = re.compile(r"\w+(?:[.:'\u2019·](?=[^\W\d_])\w+|[.,;'\u2019](?=\d)\w+)*")
_REFERENCE = re.compile(rb"\$(?:(\$)|(\w+)|\{(\w+)\})")


def title(text: str) -> str:
    """The first letter of each word in title case, the others as they are."""
    return _WORD.sub(lambda match: _titled(match[0]), text)


def _titled(word: str) -> str:
    for at, char in enumerate(word):
        if char.lower() != char.upper():
            return word[:at] + char.title() + word[at + 1 :]
    return word


def matches(pattern: str, text: str) -> bool:
    """Whether a regular expression is found.

    Raises:
        BadInput: It is none.
    """
    return Pattern(pattern).matches(text)


def replace_all(pattern: str, replacement: str, text: str) -> str:
    """All matches replaced; `$1` and `${name}` are what groups matched.

    Raises:
        BadInput: Not a regular expression, in the words of Go's MustCompile.
    """
    try:
        compiled = Pattern(pattern)
    except BadInput as error:
        shown = quote(pattern) if set(pattern) & set("`\n") else f"`{pattern}`"
        raise BadInput(f"regexp: Compile({shown}): {error.message}") from error
    new = replace_all_bytes(compiled, replacement.encode(), text.encode())
    return new.decode("utf-8", "replace")


def replace_all_bytes(compiled: Pattern, replacement: bytes, data: bytes) -> bytes:
    """As `replace_all`."""
    numbers = {name.encode(): number for name, number in compiled.group_numbers().items()}
    parts: list[bytes] = []
    done, last_end = 0, -1
    for match in compiled.finditer(data):
        if match.start() == match.end() == last_end:  # Go takes no empty match beside another
            continue
        groups = [match[0], *match.groups()]
        parts += [data[done : match.start()], _expanded(replacement, groups, numbers)]
        done = last_end = match.end()
    return b"".join([*parts, data[done:]])


def _expanded(
    replacement: bytes, groups: list[bytes | None], numbers: Mapping[bytes, int]
) -> bytes:
    def value(match: re.Match[bytes]) -> bytes:
        if match[1]:
            return b"$"
        name = match[2] or match[3]
        number = int(name) if name.isdigit() else numbers.get(name, -1)
        return (groups[number] or b"") if 0 <= number < len(groups) else b""

    return _REFERENCE.sub(value, replacement)


def to_upper(text: str) -> str:
    """Upper case, letter by letter: ß stays."""
    if text.isascii():
        return text.upper()
    return "".join(char.upper() if len(char.upper()) == 1 else char for char in text)


def to_lower(text: str) -> str:
    """Lower case, letter by letter."""
    if text.isascii():
        return text.lower()
    return "".join(char.lower()[0] for char in text)


_S = "string"
TEXT_FUNCTIONS: Mapping[str, Function] = {
    "match": Function((_S, _S), matches),
    "reReplaceAll": Function((_S, _S, _S), replace_all),
    "safeHtml": Function((_S,), SafeHtml),
    "title": Function((_S,), title),
    "toLower": Function((_S,), to_lower),
    "toUpper": Function((_S,), to_upper),
    "urlQueryEscape": Function((_S,), quote_plus),
}
