"""label_replace and label_join: functions of labels, not of values."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.base.errors import BadInput, QueryFailed
from appliance.base.re2 import full_match
from appliance.promql.ast import METRIC_NAME
from appliance.promql.functions.floats import frame_of, literal_of, text_of
from appliance.promql.names import merged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.base.re2 import Pattern
    from appliance.promql.ast import Call
    from appliance.promql.context import Context
    from appliance.promql.frame import Frame, Value

#: Go's Regexp.Expand: `$$`, `$name` (as long a name as can be) and `${name}`.
_REFERENCE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})")
_MOST_GROUPS = 100_000_000


def expanded(template: str, pattern: Pattern, match: Any) -> str:
    """A template with its references to a match's groups filled in, as Go's Regexp.Expand does."""

    def group(reference: re.Match[str]) -> str:
        if reference[1]:
            return "$"
        name = reference[2] or reference[3]
        number: int | None = None
        if name.isascii() and name.isdigit() and not (name[0] == "0" and len(name) > 1):
            number = int(name)
            known = number < min(match.re.groups + 1, _MOST_GROUPS)
        else:
            number = pattern.group_numbers().get(name)
            known = number is not None
        found = match.group(number) if known else None
        return "" if found is None else str(found.decode("utf-8", "replace"))

    return _REFERENCE.sub(group, template)


def _label_of(call: Call, index: int, what: str) -> str:
    """An argument that is a label's name; what: its part, for the error."""
    literal = literal_of(call, index)
    if not literal.value or literal.wrong_bytes:
        message = f"invalid {what} label name in {call.name}(): {literal.value}"
        raise QueryFailed(message)
    return literal.value


def _label_replace(call: Call, values: Sequence[Value], _context: Context) -> Frame:
    template, source, regex = (text_of(call, index) for index in range(2, 5))
    try:
        pattern = full_match(regex)
    except BadInput as error:
        raise QueryFailed(f"invalid regular expression in label_replace(): {regex}") from error
    target = _label_of(call, 1, "destination")
    frame = frame_of(values[0])
    known: dict[str, str | None] = {}
    found: list[str | None] = []
    for labels in frame.labels:
        value = labels.get(source)
        if value not in known:
            match = pattern.search(value.encode())
            known[value] = None if match is None else expanded(template, pattern, match)
        found.append(known[value])
    return _with_label(frame, target, found)


def _label_join(call: Call, values: Sequence[Value], _context: Context) -> Frame:
    separator = text_of(call, 2)
    sources = [_label_of(call, index, "source") for index in range(3, len(call.args))]
    target = _label_of(call, 1, "destination")
    frame = frame_of(values[0])
    found = [separator.join([labels.get(name) for name in sources]) for labels in frame.labels]
    return _with_label(frame, target, found)


def _with_label(frame: Frame, target: str, values: Sequence[str | None]) -> Frame:
    """With a label set in each series; None leaves a series as it is."""
    labels = [
        item if value is None else item.extended({target: value})
        for item, value in zip(frame.labels, values, strict=True)
    ]
    nameless = frame.nameless
    if target == METRIC_NAME and nameless is not None:
        # A name that was given on purpose stays.
        nameless = nameless & np.array([value is None for value in values], dtype=np.bool_)
    return merged(replace(frame, labels=labels, nameless=nameless))


IMPLEMENTATIONS: Mapping[str, Callable[[Call, Sequence[Value], Context], Value]] = {
    "label_join": _label_join,
    "label_replace": _label_replace,
}
