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
from appliance.ui.rules import RuleGroupRow, place, rule_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.api.alertmanager.deps import LoadedRules
    from appliance.rules.group_state import GroupState
    from appliance.rules.rule_state import RuleState

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
            taken: list[RuleState] = []
            for rule in group.rules:
                states = _states(rule)
                counts.update(("all", *states))
                if (not state or state in states) and _has_all(group, rule, asked):
                    taken.append(rule)
            matching += len(taken)
            if taken[:left]:
                found.append(_group_row(language, group, taken[:left]))
                left -= len(found[-1].rules)
    return found, counts, matching


def _group_row(language: str, group: GroupState, taken: Sequence[RuleState]) -> RuleGroupRow:
    return RuleGroupRow(
        name=group.group.name,
        file=group.file,
        language=language,
        interval_seconds=group.interval_ms / 1000,
        last_ms=group.last_ms,
        seconds=group.seconds,
        rules=[rule_row(language, group, rule) for rule in taken],
        count=len(group.rules),
    )


def _states(rule: RuleState) -> Sequence[str]:
    """What of `STATES` a rule is."""
    state = rule.alerts.state.value if rule.alerts is not None else "recording"
    return (state, "err") if rule.health == "err" else (state,)


def _has_all(group: GroupState, rule: RuleState, words: Sequence[str]) -> bool:
    if not words:
        return True
    labels = " ".join(f"{name}={value}" for name, value in rule.labels.items())
    text = f"{rule.rule.name} {rule.rule.expr} {labels} {group.group.name} {place(group, rule)}"
    return all(word in text.lower() for word in words)
