"""What is sent when a template fails: plain text that leaves nothing out that a person needs.

A notification must not be lost because of a slip in its looks. The text carries the state, the
group, every label and annotation of every alert and the links; only its length is bounded, and
then it says how many alerts are not shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.gotemplate.values import Struct

MAX_CHARS = 16_000
_MAX_VALUE_CHARS = 2_000
_TIME = "2006-01-02 15:04:05 MST"


def plain_text(
    data: Struct, *, links: Mapping[str, str] | None = None, max_chars: int = MAX_CHARS
) -> str:
    """A notification as plain text.

    Args:
        links: Addresses for people by what they do.
        max_chars: More is never given.
    """
    fields = data.go_fields
    tail = _tail(fields, links or {})
    room = max_chars - len(tail) - 40
    text = _heading(fields)
    # What fires comes first, in case not all fits.
    alerts = sorted(fields["Alerts"], key=lambda alert: alert.go_fields["Status"] != "firing")
    for number, alert in enumerate(alerts):
        part = _alert(alert.go_fields)
        if len(text) + len(part) > room:
            text += part[: max(0, room - len(text))]
            rest = len(alerts) - number - 1
            text += "…\n" + (f"… and {rest} more alerts\n" if rest else "")
            break
        text += part
    return (text + tail)[:max_chars]


def _heading(fields: Mapping[str, Any]) -> str:
    states = [alert.go_fields["Status"] for alert in fields["Alerts"]]
    counts = [(state, states.count(state)) for state in ("firing", "resolved")]
    shown = ", ".join(f"{count} {state}" for state, count in counts if count)
    group = fields["GroupLabels"].go_string()
    lines = [
        f"{str(fields['Status']).upper()}: {shown}" + (f" for {_short(group)}" if group else "")
    ]
    if fields["NotificationReason"]:
        lines.append(f"Sent because: {fields['NotificationReason']}")
    return "\n".join(lines) + "\n"


def _alert(fields: Mapping[str, Any]) -> str:
    name = fields["Labels"].get("alertname") or "alert"
    times = f"since {fields['StartsAt'].format(_TIME)}"
    if fields["Status"] == "resolved":
        times += f" until {fields['EndsAt'].format(_TIME)}"
    lines = [f"\n{str(fields['Status']).upper()} {name} {times}"]
    lines += _pairs("Labels", fields["Labels"]) + _pairs("Annotations", fields["Annotations"])
    if fields["GeneratorURL"]:
        lines.append(f"Source: {fields['GeneratorURL']}")
    return "\n".join(lines) + "\n"


def _pairs(title: str, pairs: Any) -> list[str]:
    found = [pair.go_fields for pair in pairs.sorted_pairs()]
    lines = [f" - {_short(pair['Name'])} = {_short(pair['Value'])}" for pair in found]
    return [f"{title}:", *lines] if lines else []


def _short(text: str) -> str:
    """A value without what would fill the whole message."""
    return text if len(text) <= _MAX_VALUE_CHARS else text[:_MAX_VALUE_CHARS] + "…"


def _tail(fields: Mapping[str, Any], links: Mapping[str, str]) -> str:
    address = f"{fields['ExternalURL']}/#/alerts?receiver={quote_plus(fields['Receiver'])}"
    lines = [f"\nAll alerts: {address}"]
    lines += [f"{what.capitalize()}: {link}" for what, link in sorted(links.items())]
    return "\n".join(lines) + "\n"
