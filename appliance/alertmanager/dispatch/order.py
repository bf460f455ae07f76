"""The orders in which Alertmanager shows alerts and groups (model.LabelSet.Before)."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.model.alert import Alert
    from appliance.model.labels import Labels

    #: Compares as the order wants it; nothing else is to be done with it.
    Key = tuple[object, ...]


def labels_key(labels: Labels) -> Key:
    """Fewer labels first; at the first difference, who lacks the smaller name; then by values."""
    return (len(labels), *[(_backwards(name), value) for name, value in labels])


def alert_key(labels: Labels) -> Key:
    """Alerts of a notification: by job, then instance, alerts without them last."""
    job, instance = labels.get("job"), labels.get("instance")
    return (not job, job, not instance, instance, *labels_key(labels))


def in_order(alerts: Iterable[Alert]) -> list[Alert]:
    """Alerts of a notification; mostly they have labels of the same names, which makes it easy."""
    rows = [(*_columns(alert.labels), alert) for alert in alerts]
    if len({names for names, _, _ in rows}) > 1:
        return sorted((alert for _, _, alert in rows), key=lambda one: alert_key(one.labels))
    names = rows[0][0] if rows else ()
    first = [names.index(name) for name in ("job", "instance") if name in names]
    rows.sort(key=lambda row: ([row[1][at] for at in first], row[1]))
    return [alert for _, _, alert in rows]


def _columns(labels: Labels) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names, and values."""
    names, values = zip(*labels, strict=True) if labels else ((), ())
    return names, values


@functools.lru_cache(maxsize=4096)
def _backwards(name: str) -> tuple[int, ...]:
    """Sorts as the name does, the other way round."""
    return (*(-ord(char) for char in name), 1)
