"""The orders in which Alertmanager shows alerts and groups (model.LabelSet.Before)."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.model.labels import Labels

    #: Compares as the order wants it; nothing else is to be done with it.
    Key = tuple[object, ...]


def labels_key(labels: Labels) -> Key:
    """Fewer labels first; at the first difference, who lacks the smaller name; then by values."""
    return (len(labels), *((_backwards(name), value) for name, value in labels))


def alert_key(labels: Labels) -> Key:
    """Alerts of a notification: by job, then instance, alerts without them last."""
    job, instance = labels.get("job"), labels.get("instance")
    return (not job, job, not instance, instance, *labels_key(labels))


@functools.lru_cache(maxsize=4096)
def _backwards(name: str) -> tuple[int, ...]:
    """Sorts as the name does, the other way round."""
    return (*(-ord(char) for char in name), 1)
