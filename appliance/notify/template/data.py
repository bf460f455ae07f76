"""What templates of notifications are about (Alertmanager, "Notification template reference").

The same values go to templates, as Go's structs, and to webhooks, as JSON: both are made from one
description, so they cannot disagree.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import TYPE_CHECKING, Any, ClassVar

from appliance.base.errors import BadInput
from appliance.gotemplate.times import ZERO_NS, Time
from appliance.gotemplate.values import Function, StringList, StringMap, Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from appliance.model.alert import Alert
    from appliance.notify.message import Message

DATA, ALERT, PAIR = "*template.Data", "template.Alert", "template.Pair"
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_RFC3339 = "2006-01-02T15:04:05.999999999Z07:00"
#: Of the end of what fires.
_NO_TIME = Time(ZERO_NS)
_META = re.compile(r"([\\.+*?()|\[\]{}^$])")
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)")
_ALERT_NAMES = {
    "Status": "status", "Labels": "labels", "Annotations": "annotations", "StartsAt": "startsAt",
    "EndsAt": "endsAt", "GeneratorURL": "generatorURL", "Fingerprint": "fingerprint",
}  # fmt: skip
_DATA_NAMES = {
    "Receiver": "receiver", "Status": "status", "Alerts": "alerts",
    "NotificationReason": "notification_reason", "GroupLabels": "groupLabels",
    "CommonLabels": "commonLabels", "CommonAnnotations": "commonAnnotations",
    "ExternalURL": "externalURL", "RouteLabels": "routeLabels",
    # Differs from Alertmanager: addresses for people, such as `.Links.ack`; not in JSON.
    "Links": "-",
}  # fmt: skip


class Names(StringList):
    """Names or values; `.Join` makes a text of them."""

    go_underlying: ClassVar[str] = "[]string"
    go_methods: ClassVar[Mapping[str, Function]]


class Pairs(list[Struct]):
    """Names and values in order; printed as `a=b, c=d`."""

    go_type: ClassVar[str] = "template.Pairs"
    go_underlying: ClassVar[str] = f"[]{PAIR}"
    go_methods: ClassVar[Mapping[str, Function]]

    def names(self) -> Names:
        """The names."""
        return Names(pair.go_fields["Name"] for pair in self)

    def values(self) -> Names:
        """The values."""
        return Names(pair.go_fields["Value"] for pair in self)

    def go_string(self) -> str:
        """What is printed."""
        return ", ".join(f"{x.go_fields['Name']}={x.go_fields['Value']}" for x in self)


class KV(StringMap):
    """Labels or annotations: a map with methods."""

    go_type = "template.KV"
    go_underlying: ClassVar[str] = "map[string]string"
    go_methods: ClassVar[Mapping[str, Function]]

    def sorted_pairs(self) -> Pairs:
        """By name, `alertname` before all others."""
        names = sorted(self, key=lambda name: (name != "alertname", name))
        return Pairs(Struct(PAIR, {"Name": name, "Value": self[name]}) for name in names)

    def removed(self, names: Iterable[str]) -> KV:
        """Without some names."""
        gone = set(names)
        return KV({name: value for name, value in self.items() if name not in gone})

    def go_string(self) -> str:
        """What is printed."""
        return self.sorted_pairs().go_string()


class Alerts(list[Struct]):
    """The alerts of a notification."""

    go_type: ClassVar[str] = "template.Alerts"
    go_underlying: ClassVar[str] = f"[]{ALERT}"
    go_methods: ClassVar[Mapping[str, Function]]

    def of_status(self, status: str) -> AlertList:
        """Those that fire, or those that are resolved."""
        return AlertList(alert for alert in self if alert.go_fields["Status"] == status)


class AlertList(list[Struct]):
    """Some of the alerts."""

    go_type: ClassVar[str] = f"[]{ALERT}"


Names.go_methods = {"Join": Function(("string",), lambda names, by: by.join(names))}
Pairs.go_methods = {
    "Names": Function((), Pairs.names),
    "String": Function((), Pairs.go_string),
    "Values": Function((), Pairs.values),
}
KV.go_methods = {
    "Names": Function((), lambda kv: kv.sorted_pairs().names()),
    "Remove": Function(("[]string",), KV.removed),
    "SortedPairs": Function((), KV.sorted_pairs),
    "String": Function((), KV.go_string),
    "Values": Function((), lambda kv: kv.sorted_pairs().values()),
}
Alerts.go_methods = {
    "Firing": Function((), lambda alerts: alerts.of_status("firing")),
    "Resolved": Function((), lambda alerts: alerts.of_status("resolved")),
}


def data_of(message: Message) -> Struct:
    """The data of a message."""
    alerts = [_alert(alert, message.now_ns) for alert in message.alerts]
    fields = {
        "Receiver": quote_meta(message.receiver),
        "Status": message.status,
        "Alerts": Alerts(alerts),
        "NotificationReason": message.reason,
        "GroupLabels": KV(message.group_labels),
        "CommonLabels": _common([alert.go_fields["Labels"] for alert in alerts]),
        "CommonAnnotations": _common([alert.go_fields["Annotations"] for alert in alerts]),
        "ExternalURL": message.external_url,
        "RouteLabels": KV(message.route_labels),
        "Links": KV(message.links),
    }
    return Struct(DATA, fields, _DATA_NAMES)


def _alert(alert: Alert, now_ns: int) -> Struct:
    """An alert; as long as it fires it has no end."""
    is_over = alert.is_resolved(now_ns)
    fields = {
        "Status": "resolved" if is_over else "firing",
        "Labels": KV(alert.labels),
        "Annotations": KV(alert.annotations),
        "StartsAt": Time(alert.starts_ns),
        "EndsAt": Time(alert.ends_ns) if is_over else _NO_TIME,
        "GeneratorURL": alert.generator_url,
        "Fingerprint": alert.fingerprint,
    }
    return Struct(ALERT, fields, _ALERT_NAMES)


def _common(maps: Sequence[KV]) -> KV:
    """What all have with the same value."""
    found = list(maps[0].items()) if maps else []
    for each in maps:
        get = each.get
        if any(get(name) != value for name, value in found):
            found = [(name, value) for name, value in found if get(name) == value]
        if not found:
            break
    return KV(sorted(found))


def quote_meta(text: str) -> str:
    """A text as a regular expression that matches it."""
    return _META.sub(r"\\\1", text)


def json_of(data: Struct) -> dict[str, Any]:
    """The data as JSON: times as RFC 3339 texts, maps and lists as such."""
    names = data.json_names
    return {
        names[name]: value if type(value) is str else _plain(value)
        for name, value in data.go_fields.items()
        if names[name] != "-"
    }


def _plain(value: Any) -> Any:
    match value:
        case Struct():
            return json_of(value)
        case Time():
            return _rfc3339(value.ns, value.zone)
        case dict():
            return dict(sorted(value.items()))
        case list():
            return [_plain(item) for item in value]
    return value


@functools.lru_cache(maxsize=4096)
def _rfc3339(at_ns: int, zone: dt.tzinfo) -> str:
    return Time(at_ns, zone=zone).format(_RFC3339)


def data_from_json(document: Mapping[str, Any]) -> Struct:
    """The data of what `json_of` gave; also of what a webhook was sent.

    Raises:
        BadInput: A time that is none.
    """
    alerts = [_alert_from_json(alert) for alert in document.get("alerts", ())]
    fields: dict[str, Any] = {}
    for name, key in _DATA_NAMES.items():
        is_map = name.endswith(("Labels", "Annotations", "Links"))
        found = document.get(key)
        fields[name] = KV(found or {}) if is_map else found or ""
    fields["Alerts"] = Alerts(alerts)
    return Struct(DATA, fields, _DATA_NAMES)


def _alert_from_json(alert: Mapping[str, Any]) -> Struct:
    fields: dict[str, Any] = {name: alert.get(key) or "" for name, key in _ALERT_NAMES.items()}
    fields["Labels"], fields["Annotations"] = KV(fields["Labels"]), KV(fields["Annotations"])
    for name in ("StartsAt", "EndsAt"):
        fields[name] = Time(_ns_of(fields[name]) if fields[name] else ZERO_NS)
    return Struct(ALERT, fields, _ALERT_NAMES)


def _ns_of(text: str) -> int:
    match = _TIME.fullmatch(text)
    if match is None:
        raise BadInput(f"{text!r} is no RFC 3339 time")
    whole = dt.datetime.fromisoformat(match[1] + match[3].replace("Z", "+00:00"))
    seconds = (whole - _EPOCH) // dt.timedelta(seconds=1)
    return seconds * 10**9 + int((match[2] or "").ljust(9, "0"))
