"""Routes as JSON, for the API and for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.alertmanager.matchers import print_matcher

if TYPE_CHECKING:
    from appliance.alertmanager.route import Route, RouteTree
    from appliance.model.labels import Labels

_SECOND_NS = 10**9


def matched_json(tree: RouteTree, labels: Labels) -> dict[str, Any]:
    """The routes that take an alert, and their receivers."""
    found = tree.match(labels)
    return {
        "receivers": [one.receiver for one in found],
        "routes": [route_json(one, labels) for one in found],
    }


def route_json(one: Route, labels: Labels | None = None) -> dict[str, Any]:
    """A route as it is shown, and the group that it puts an alert into."""
    file, line = one.place
    shown: dict[str, Any] = {
        "receiver": one.receiver,
        "path": one.path,
        "file": file,
        "line": line,
        "key": one.key,
        "matchers": [print_matcher(matcher) for matcher in one.matchers],
        "continue": one.does_continue,
        "group_by": ["..."] if one.group_by is None else one.group_by,
        "group_wait_seconds": one.group_wait_ns / _SECOND_NS,
        "group_interval_seconds": one.group_interval_ns / _SECOND_NS,
        "repeat_interval_seconds": one.repeat_interval_ns / _SECOND_NS,
        "mute_time_intervals": one.mute_intervals,
        "active_time_intervals": one.active_intervals,
        "labels": dict(one.labels),
    }
    if labels is not None:
        shown["group_labels"] = dict(one.group_labels(labels))
    return shown
