"""Sprig's functions on text (Masterminds/sprig v3, strings.go), which count in bytes as Go does.

Text that was cut within a letter keeps the bytes as lone surrogates (`surrogateescape`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.gotemplate.printf import format_value
from appliance.gotemplate.text_functions import SPACES, to_lower, to_upper
from appliance.gotemplate.values import ANY, Function, StringList, StringMap
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Longer results would only fill memory.
MAX_CHARS = 1 << 24
_SEPARATORS = re.compile(r"(^|[^\w]|[^\S])(\w)")


def to_bytes(text: str) -> bytes:
    """The bytes that a text stands for."""
    return text.encode("utf-8", "surrogateescape")


def to_text(data: bytes) -> str:
    """The text that stands for some bytes."""
    return data.decode("utf-8", "surrogateescape")


def cut(text: str, start: int, end: int) -> str:
    """`text[start:end]` in bytes.

    Raises:
        BadInput: There are no such bytes.
    """
    data = to_bytes(text)
    if end < 0 or start < 0 or end > len(data) or start > end:
        bounds = f":{end}] with length {len(data)}" if end > len(data) else f"{start}:{end}]"
        raise BadInput(f"runtime error: slice bounds out of range [{bounds}")
    return text[start:end] if text.isascii() else to_text(data[start:end])


def truncated(count: int, text: str) -> str:
    """The first bytes, or for a negative count the last."""
    length = len(text) if text.isascii() else len(to_bytes(text))
    if count < 0 and length + count > 0:
        return cut(text, length + count, length)
    return cut(text, 0, count) if 0 <= count < length else text


def substring(start: int, end: int, text: str) -> str:
    """Bytes from start to end; a negative start means 0, an end that is none the text's."""
    length = len(text) if text.isascii() else len(to_bytes(text))
    if start < 0:
        return cut(text, 0, end)
    return cut(text, start, length if end < 0 or end > length else end)


def repeated(count: int, text: str) -> str:
    """A text several times.

    Raises:
        BadInput: Less than no time, or far too often.
    """
    if count < 0:
        raise BadInput("strings: negative Repeat count")
    if not text:
        return text
    if count * len(text) > MAX_CHARS:
        raise BadInput("strings: Repeat output length overflow")
    return text * count


def indented(spaces: int, text: str) -> str:
    """Each line after so many blanks."""
    pad = repeated(spaces, " ")
    return pad + text.replace("\n", "\n" + pad)


def title(text: str) -> str:
    """The first letter of each word as a capital, as Go's old `strings.Title` sees words."""
    return _SEPARATORS.sub(lambda match: match[1] + to_upper(match[2]), text)


def text_of(value: Any) -> str:
    """A value as `toString` gives it."""
    return str(value) if type(value) is str else format_value(value)


def _texts(value: Any) -> StringList:
    if isinstance(value, list | tuple):
        return StringList(text_of(item) for item in value if item is not None)
    return StringList() if value is None else StringList([text_of(value)])


def _split(separator: str, text: str, count: int = -1) -> StringMap:
    """The parts of a text, by the names `_0`, `_1` and so on."""
    most = count - 1 if 0 < count <= len(text) else -1
    parts = list(text) if not separator else text.split(separator, most)
    return StringMap({f"_{number}": part for number, part in enumerate(parts)})


def _cat(*values: Any) -> str:
    return " ".join(format_value(value) for value in values if value is not None)


def _substitute(text: str, old: str, new: str, count: int) -> str:
    if count < 0 or count > len(text):
        return text.replace(old, new)
    return text.replace(old, new, count)


_S, _I = "string", "int"
#: Functions that Loki and promtail have by the names of Go's package strings.
GO_TEXT: Mapping[str, Function] = {
    "Replace": Function((_S, _S, _S, _I), _substitute),
    "ToLower": Function((_S,), to_lower),
    "ToUpper": Function((_S,), to_upper),
    "Trim": Function((_S, _S), lambda text, chars: text.strip(chars) if chars else text),
    "TrimLeft": Function((_S, _S), lambda text, chars: text.lstrip(chars) if chars else text),
    "TrimPrefix": Function((_S, _S), lambda text, part: text.removeprefix(part)),
    "TrimRight": Function((_S, _S), lambda text, chars: text.rstrip(chars) if chars else text),
    "TrimSpace": Function((_S,), lambda text: text.strip(SPACES)),
    "TrimSuffix": Function((_S, _S), lambda text, part: text.removesuffix(part)),
}
TEXT: Mapping[str, Function] = {
    "cat": Function((), _cat, ANY),
    "contains": Function((_S, _S), lambda part, text: part in text),
    "hasPrefix": Function((_S, _S), lambda part, text: text.startswith(part)),
    "hasSuffix": Function((_S, _S), lambda part, text: text.endswith(part)),
    "indent": Function((_I, _S), indented),
    "join": Function((_S, ANY), lambda separator, value: separator.join(_texts(value))),
    "lower": Function((_S,), to_lower),
    "nindent": Function((_I, _S), lambda spaces, text: "\n" + indented(spaces, text)),
    "nospace": Function((_S,), lambda text: re.sub(r"\s", "", text)),
    "plural": Function((_S, _S, _I), lambda one, many, count: one if count == 1 else many),
    "quote": Function(
        (), lambda *values: " ".join(quote(text_of(v)) for v in values if v is not None), ANY
    ),
    "repeat": Function((_I, _S), repeated),
    "replace": Function((_S, _S, _S), lambda old, new, text: text.replace(old, new)),
    "split": Function((_S, _S), _split),
    "splitList": Function((_S, _S), lambda by, text: StringList(text.split(by) if by else text)),
    "splitn": Function((_S, _I, _S), lambda by, count, text: _split(by, text, count)),
    "squote": Function(
        (), lambda *values: " ".join(f"'{text_of(v)}'" for v in values if v is not None), ANY
    ),
    "substr": Function((_I, _I, _S), substring),
    "title": Function((_S,), title),
    "toString": Function((ANY,), text_of),
    "toStrings": Function((ANY,), _texts),
    "trim": Function((_S,), lambda text: text.strip(SPACES)),
    "trimAll": Function((_S, _S), lambda chars, text: text.strip(chars) if chars else text),
    "trimPrefix": Function((_S, _S), lambda part, text: text.removeprefix(part)),
    "trimSuffix": Function((_S, _S), lambda part, text: text.removesuffix(part)),
    "trimall": Function((_S, _S), lambda chars, text: text.strip(chars) if chars else text),
    "trunc": Function((_I, _S), truncated),
    "untitle": Function(
        (_S,), lambda text: re.sub(r"(^|\s)(\S)", lambda m: m[1] + m[2].lower(), text)
    ),
    "upper": Function((_S,), to_upper),
}
