"""`/alerts?view=backtest`: when would a rule have fired, and whom would that have told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.http import HTTP
from appliance.api.ui.alerts import api_url
from appliance.api.ui.rendering import json_answer, page, wants_json
from appliance.base.duration import print_duration
from appliance.base.tasks import offload
from appliance.ui.rules import watched

if TYPE_CHECKING:
    from typing import Any

    from aiohttp import web

    from appliance.api.alertmanager.deps import LoadedRules

#: Rules that can be chosen.
_MOST = 2000


async def tab(request: web.Request) -> web.Response:
    """`GET /alerts?view=backtest&rule=NAME`, or `expr`, `language`, `for` for a rule to be."""
    rules = await offload(_rules, request.app[ALERTMANAGER].rules)
    if wants_json(request):
        return json_answer({"rules": rules})
    now_ms = request.app[HTTP].clock.now_ms()
    return await page(
        request,
        "backtest.html",
        view="backtest",
        names=[one["name"] for one in rules],
        chosen=request.query.get("rule", "") or (rules[0]["name"] if rules else "NAME"),
        now_ms=now_ms,
        api=api_url(request),
        props={"rules": rules, "api": api_url(request), "now_ms": now_ms},
    )


def _rules(rules: LoadedRules) -> list[dict[str, Any]]:
    """Alerting rules by name: what a trial with other figures starts from."""
    found = {
        rule.rule.alert: {
            "name": rule.rule.alert,
            "language": language,
            "expr": rule.rule.expr.strip(),
            "for": print_duration(int(rule.rule.for_)),
            "keep_firing_for": print_duration(int(rule.rule.keep_firing_for)),
            "interval": print_duration(group.interval_ms),
            "labels": {name: text for name, text in rule.labels.items() if "{{" not in text},
            "threshold": watched(language, rule).threshold,
        }
        for language, groups in rules.groups().items()
        for group in groups
        for rule in group.rules
        if rule.alerts is not None
    }
    return [found[name] for name in sorted(found)[:_MOST]]
