"""The exact state of rules' alerts, by group of rules."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

from appliance.model.rule_alert import SavedAlerts
from appliance.store.alerts.records import decode_rule_alerts, encode_rule_alerts
from appliance.store.codec import Damaged

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Mapping, Sequence

    from appliance.model.rule_alert import RuleAlert

_log = logging.getLogger(__name__)


def load(connection: sqlite3.Connection, group: str) -> dict[str, SavedAlerts]:
    """What was put for the rules of a group, by rule; a damaged state is left out."""
    rows = connection.execute(
        "SELECT key, evaluated_ms, data FROM rule_state WHERE rule_group = ?", (group,)
    )
    found = {}
    for key, evaluated_ms, data in rows:
        try:
            found[key] = SavedAlerts(evaluated_ms, decode_rule_alerts(data))
        except (Damaged, ValueError, TypeError) as error:
            _log.error("the state of rule %s is damaged and left out: %s", key, error)
    return found


def put(
    connection: sqlite3.Connection,
    group: str,
    rules: Mapping[str, Sequence[RuleAlert]],
    evaluated_ms: int,
) -> None:
    """Set the states of some rules of a group; without alerts there is none."""
    connection.executemany(
        "INSERT INTO rule_state(rule_group, key, evaluated_ms, data) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET evaluated_ms=excluded.evaluated_ms, data=excluded.data",
        (
            (group, key, evaluated_ms, encode_rule_alerts(alerts))
            for key, alerts in rules.items()
            if alerts
        ),
    )
    connection.executemany(
        "DELETE FROM rule_state WHERE rule_group = ? AND key = ?",
        ((group, key) for key, alerts in rules.items() if not alerts),
    )


def touch(
    connection: sqlite3.Connection, group: str, keys: Collection[str], evaluated_ms: int
) -> None:
    """Note that rules of a group were evaluated and nothing worth saving changed."""
    connection.executemany(
        "UPDATE rule_state SET evaluated_ms = ? WHERE rule_group = ? AND key = ?",
        [(evaluated_ms, group, key) for key in keys],
    )


def keep(connection: sqlite3.Connection, group: str, keys: Collection[str]) -> None:
    """Delete the states of all rules of a group but some."""
    connection.execute(
        "DELETE FROM rule_state WHERE rule_group = ?"
        " AND key NOT IN (SELECT value FROM json_each(?))",
        (group, json.dumps(list(keys))),
    )


def forget_old(connection: sqlite3.Connection, before_ms: int) -> None:
    """Delete the states of rules that were not evaluated since: nobody takes them over."""
    connection.execute("DELETE FROM rule_state WHERE evaluated_ms < ?", (before_ms,))
