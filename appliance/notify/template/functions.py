"""Functions of Alertmanager's templates (Alertmanager 0.34, "Notification template reference")."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from appliance.base.errors import BadInput
from appliance.gotemplate.humanize import humanize_duration
from appliance.gotemplate.json_text import to_json
from appliance.gotemplate.text_functions import SPACES, TEXT_FUNCTIONS, to_lower
from appliance.gotemplate.text_functions import title as titled
from appliance.gotemplate.time_parse import parse_time
from appliance.gotemplate.times import ZERO_NS, Duration, Time
from appliance.gotemplate.values import ANY, Function, SafeUrl, StringList
from appliance.gotemplate.zones import zone_of
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NOT_BASE64 = re.compile(r"[^A-Za-z0-9_\-]")
_NOT_AN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2}).{0,2}", re.DOTALL)


def title(text: str) -> str:
    """Each word with a capital, its other letters small."""
    return titled(to_lower(text))


def url_unescape(text: str) -> str:
    """A text from the query of an address as it was.

    Raises:
        BadInput: A per cent sign without two hex digits.
    """
    wrong = _NOT_AN_ESCAPE.search(text)
    if wrong is not None:
        raise BadInput(f"invalid URL escape {quote(wrong[0])}")
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8", "replace")


def decode_base64(text: str) -> str:
    """What was encoded with the URL-safe alphabet and padded.

    Raises:
        BadInput: It was not.
    """
    plain = text.replace("\r", "").replace("\n", "")
    body = plain.rstrip("=")
    stray = _NOT_BASE64.search(body)
    padding = len(plain) - len(body)
    if stray is not None:
        at = len(body[: stray.start()].encode())
    elif len(plain) % 4 or padding > 2:
        at = len(plain) - len(plain) % 4 if not padding else len(plain)
    else:
        return base64.urlsafe_b64decode(plain).decode("utf-8", "replace")
    raise BadInput(f"illegal base64 data at input byte {at}")


def _to_date(form: str, text: str) -> Time:
    """A time read by a layout; Go's zero time for what does not fit."""
    try:
        return Time(parse_time(form, text))
    except BadInput:
        return Time(ZERO_NS)


def _dict(*values: Any) -> dict[str, Any]:
    if len(values) % 2:
        raise BadInput("dict requires an even number of arguments")
    if not all(isinstance(key, str) for key in values[::2]):
        raise BadInput("dict keys must be strings")
    return dict(zip(values[::2], values[1::2], strict=True))


_S, _T = "string", "time.Time"
_LIST = "[]interface {}"
STATIC_FUNCTIONS: Mapping[str, Function] = {
    **{name: TEXT_FUNCTIONS[name] for name in (
        "match", "reReplaceAll", "safeHtml", "toLower", "toUpper",
    )},
    "append": Function((_LIST,), lambda items, *more: [*(items or ()), *more], ANY),
    "base64decode": Function((_S,), decode_base64),
    "base64encode": Function((_S,), lambda text: base64.urlsafe_b64encode(text.encode()).decode()),
    "date": Function((_S, _T), lambda form, when: when.format(form)),
    "dict": Function((), _dict, ANY),
    "humanizeDuration": Function((ANY,), humanize_duration),
    "join": Function((_S, "[]string"), lambda by, items: by.join(items or ())),
    "list": Function((), lambda *values: list(values), ANY),
    "mustToDate": Function((_S, _S), lambda form, text: Time(parse_time(form, text))),
    "safeUrl": Function((_S,), SafeUrl),
    "stringSlice": Function((), lambda *values: StringList(values), _S),
    "title": Function((_S,), title),
    "toDate": Function((_S, _S), _to_date),
    "toJson": Function((ANY,), to_json),
    "trimSpace": Function((_S,), lambda text: text.strip(SPACES)),
    "tz": Function((_S, _T), lambda name, when: when.within(zone_of(name))),
    "urlUnescape": Function((_S,), url_unescape),
}  # fmt: skip
#: All names that a template may use.
FUNCTION_NAMES = frozenset([*STATIC_FUNCTIONS, "now", "routeLabels", "since"])


def functions_at(now_ns: int, route_label: Callable[[str], str]) -> dict[str, Function]:
    """The functions of one notification.

    Args:
        route_label: A label of its route; empty for one that is not there.
    """
    return {
        **STATIC_FUNCTIONS,
        "now": Function((), lambda: Time(now_ns)),
        "routeLabels": Function((_S,), route_label),
        "since": Function((_T,), lambda when: Duration(now_ns - when.ns)),
    }
