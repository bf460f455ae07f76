"""`/alerts?view=rules` (`/rules` leads there): the rules of this server, by file and group."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.http import HTTP
from appliance.api.ui.rendering import json_answer, page, wants_json
from appliance.base.tasks import offload
from appliance.ui.rules import RuleGroupRow, rule_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.api.alertmanager.deps import LoadedRules
    from appliance.ui.rules import RuleRow

#: Rules of a page.
MOST = 1000
#: What `state` may ask for.
STATES = ("firing", "pending", "inactive", "recording", "err")


async def redirect(request: web.Request) -> web.Response:
    """`GET /rules`: as Prometheus' own page is called."""
    kept = {name: text for name, text in request.query.items() if name not in {"view", "format"}}
    path = "/alerts.json" if wants_json(request) else "/alerts"
    raise web.HTTPFound(str(request.rel_url.with_path(path).with_query(view="rules", **kept)))


async def tab(request: web.Request) -> web.Response:
    """`GET /alerts?view=rules&q=…&state=…`: words that all are in a rule, and how it does."""
    rules, query = request.app[ALERTMANAGER].rules, request.query
    words, state = query.get("q", ""), query.get("state", "")
    groups, counts, matching = await offload(_chosen, rules, words, state)
    now_ms = request.app[HTTP].clock.now_ms()
    document = {
        "groups": [asdict(group) for group in groups],
        "counts": counts,
        "matching": matching,
        "shown": sum(len(group.rules) for group in groups),
        "now_ms": now_ms,
    }
    if wants_json(request):
        return json_answer(document)
    return await page(
        request,
        "alert_rules.html",
        view="rules",
        groups=groups,
        counts=counts,
        matching=matching,
        words=words,
        state=state,
        states=STATES,
        now_ms=now_ms,
        props={"given": document, "now_ms": now_ms},
    )


def _chosen(
    rules: LoadedRules, words: str, state: str
) -> tuple[list[RuleGroupRow], Mapping[str, int], int]:
    """Groups with the rules that are asked for; how all rules do; how many were asked for."""
    found: list[RuleGroupRow] = []
    counts: Counter[str] = Counter(dict.fromkeys(("all", *STATES), 0))
    left, matching = MOST, 0
    asked = words.lower().split()
    for language, groups in rules.groups().items():
        for group in sorted(groups, key=lambda one: (one.file, one.group.name)):
            rows = [rule_row(language, group, rule) for rule in group.rules]
            for row in rows:
                counts.update(("all", *_states(row)))
            taken = [row for row in rows if _takes(row, asked, state, group.group.name)]
            matching += len(taken)
            if taken[:left]:
                shown = RuleGroupRow(
                    name=group.group.name,
                    file=group.file,
                    language=language,
                    interval_seconds=group.interval_ms / 1000,
                    last_ms=group.last_ms,
                    seconds=group.seconds,
                    rules=taken[:left],
                    count=len(rows),
                )
                found.append(shown)
                left -= len(shown.rules)
    return found, counts, matching


def _states(row: RuleRow) -> Sequence[str]:
    state = row.state if row.is_alert else "recording"
    return (state, "err") if row.health == "err" else (state,)


def _takes(row: RuleRow, words: Sequence[str], state: str, group: str) -> bool:
    if state and state not in _states(row):
        return False
    labels = " ".join(f"{name}={value}" for name, value in row.labels.items())
    text = f"{row.name} {row.expr} {labels} {group} {row.place}".lower()
    return all(word in text for word in words)
