"""Sprig's defaults, JSON, encodings, digests, lists and maps (Masterminds/sprig v3)."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
import zlib
from typing import TYPE_CHECKING, Any, NoReturn

from appliance.base.errors import BadInput
from appliance.base.go_float import format_value
from appliance.base.re2 import Pattern
from appliance.gotemplate.sprig.text import text_of, to_bytes, to_text
from appliance.gotemplate.text_functions import replace_all_bytes
from appliance.gotemplate.values import ANY, Function, truth, type_name
from appliance.wire.json_text import without_halves

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/\r\n]")


def from_json(text: str) -> Any:
    """The value of a JSON text, nil for anything else; numbers are floats."""
    try:
        return json.loads(to_bytes(without_halves(text)), parse_int=float, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def to_json(value: Any) -> str:
    """A value as JSON; keys are sorted, `<`, `>` and `&` escaped."""
    text = _json(value)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _json(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (f"{_json(str(key))}:{_json(item)}" for key, item in sorted(value.items()))
        return f"{{{','.join(pairs)}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_json, value))}]"
    if isinstance(value, float):
        return format_value(value)
    if value is None or isinstance(value, bool | int | str):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(str(getattr(value, "go_string", lambda: "")()))


def decode_base64(text: str) -> str:
    """What was encoded, padded or not; for anything else Go's message is the value."""
    body = text.rstrip("=\r\n")
    stray = _NOT_BASE64.search(body)
    if stray is not None:
        return f"illegal base64 data at input byte {len(to_bytes(body[: stray.start()]))}"
    data = body.replace("\r", "").replace("\n", "")
    if len(data) % 4 == 1:
        return f"illegal base64 data at input byte {len(body) - 1}"
    return to_text(base64.b64decode(data + "=" * (-len(data) % 4)))


def default(fallback: Any, *given: Any) -> Any:
    """The value given, unless it is empty."""
    return given[0] if given and truth(given[0]) else fallback


def _digest(name: str) -> Function:
    return Function(("string",), lambda text: hashlib.new(name, to_bytes(text)).hexdigest())


def _pairs(*items: Any) -> dict[str, Any]:
    keys = [str(key) for key in items[::2]]
    return dict(zip(keys, [*items[1::2], ""][: len(keys)], strict=True))


@functools.lru_cache(maxsize=256)
def regex(pattern: str) -> Pattern:
    """A regular expression; templates use the same one for many entries.

    Raises:
        BadInput: It is none.
    """
    try:
        return Pattern(pattern)
    except UnicodeEncodeError as error:
        raise BadInput("error parsing regexp: invalid UTF-8") from error


def _matches(pattern: str, text: str) -> bool:
    return regex(pattern).search(to_bytes(text)) is not None


def _first_match(pattern: str, text: str) -> str:
    match = regex(pattern).search(to_bytes(text))
    return "" if match is None else to_text(match[0])


def _replaced(pattern: str, text: str, new: str) -> str:
    return to_text(replace_all_bytes(regex(pattern), to_bytes(new), to_bytes(text)))


def _items(value: Any) -> list[Any]:
    """The items of a list.

    Raises:
        BadInput: It is none.
    """
    if isinstance(value, list | tuple):
        return list(value)
    raise BadInput(f"not a list: {type_name(value)}")


def _list_item(at: int) -> Function:
    return Function((ANY,), lambda value: items[at] if (items := _items(value)) else None)


def _unique(value: Any) -> list[Any]:
    found: list[Any] = []
    for item in _items(value):
        if item not in found:
            found.append(item)
    return found


def _dig(*path: Any) -> Any:
    if len(path) < 3:
        raise BadInput("dig needs at least three arguments")
    *keys, fallback, found = path
    for key in keys:
        if not isinstance(found, dict) or not isinstance(key, str) or key not in found:
            return fallback
        found = found[key]
    return found


def _kind(value: Any) -> str:
    name = type_name(value)
    return "slice" if name.startswith("[]") else "map" if name.startswith("map[") else name


def _fail(message: str) -> NoReturn:
    raise BadInput(message)


_S, _M = "string", "map[string]interface {}"
DATA: Mapping[str, Function] = {
    "adler32sum": Function((_S,), lambda text: str(zlib.adler32(to_bytes(text)))),
    "b32enc": Function((_S,), lambda text: base64.b32encode(to_bytes(text)).decode()),
    "b64dec": Function((_S,), decode_base64),
    "b64enc": Function((_S,), lambda text: base64.b64encode(to_bytes(text)).decode()),
    "coalesce": Function((), lambda *values: next((v for v in values if truth(v)), None), ANY),
    "compact": Function((ANY,), lambda value: [item for item in _items(value) if truth(item)]),
    "default": Function((ANY,), default, ANY),
    "dict": Function((), _pairs, ANY),
    "dig": Function((), _dig, ANY),
    "empty": Function((ANY,), lambda value: not truth(value)),
    "fail": Function((_S,), _fail),
    "first": _list_item(0),
    "fromJson": Function((_S,), from_json),
    "get": Function((_M, _S), lambda items, name: (items or {}).get(name, "")),
    "has": Function(
        (ANY, ANY), lambda item, value: item in ([] if value is None else _items(value))
    ),
    "hasKey": Function((_M, _S), lambda items, name: name in (items or {})),
    "keys": Function((), lambda *maps: [key for items in maps for key in items or {}], _M),
    "kindOf": Function((ANY,), _kind),
    "last": _list_item(-1),
    "list": Function((), lambda *values: list(values), ANY),
    "md5sum": _digest("md5"),
    "regexFind": Function((_S, _S), _first_match),
    "regexMatch": Function((_S, _S), _matches),
    "regexReplaceAll": Function((_S, _S, _S), _replaced),
    "regexReplaceAllLiteral": Function(
        (_S, _S, _S), lambda pattern, text, new: _replaced(pattern, text, new.replace("$", "$$"))
    ),
    "reverse": Function((ANY,), lambda value: _items(value)[::-1]),
    "sha1sum": _digest("sha1"),
    "sha256sum": _digest("sha256"),
    "sha512sum": _digest("sha512"),
    "sortAlpha": Function((ANY,), lambda value: sorted(map(text_of, _items(value)))),
    "ternary": Function((ANY, ANY, "bool"), lambda yes, no, which: yes if which else no),
    "toJson": Function((ANY,), to_json),
    "toRawJson": Function((ANY,), _json),
    "typeOf": Function((ANY,), type_name),
    "uniq": Function((ANY,), _unique),
    "values": Function((_M,), lambda items: list((items or {}).values())),
}
