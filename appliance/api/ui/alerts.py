"""`/alerts`: what fires, the worst first, with what is known of it and every way out.

Its tabs are `view=rules`, `view=groups` and `view=backtest`; links of notifications lead here
(`#/alerts?filter=…`, by `api/alertmanager/page.py`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from heapq import nsmallest
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import web

from appliance.alertmanager.matchers import parse_matchers
from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.filters import AlertFilter
from appliance.api.http import HTTP, require_control
from appliance.api.lazy import lazily
from appliance.api.request import parameters_of
from appliance.api.ui.rendering import endpoints_of, json_answer, page, wants_json
from appliance.base.errors import BadInput, Unavailable
from appliance.base.tasks import offload
from appliance.model.alert_event import EventKind
from appliance.oncall.acks import Ack
from appliance.ui.alerts import AckShown, RuleOfAlert, alert_row, resolved_row, selector
from appliance.ui.rules import explorer, place, watched
from appliance.wire.alertmanager.times import print_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from appliance.alertmanager.views import AlertView
    from appliance.api.alertmanager.deps import AlertmanagerApiDeps, LoadedRules
    from appliance.model.matcher import Matcher
    from appliance.oncall.service import Oncall
    from appliance.rules.alert import Alert
    from appliance.rules.group_state import GroupState
    from appliance.rules.rule_state import RuleState
    from appliance.ui.alerts import AlertRow, ResolvedRow

    Made = tuple[str, GroupState, RuleState, Alert]

#: Rows of a page, and of an answer that asks for more with `limit`.
USUAL, MOST = 100, 500
_RANKS = (
    ("critical", "page", "p0"),
    ("error", "p1"),
    ("warning", "p2"),
    (),
    ("info", "p3"),
    ("none",),
)
_SEVERITIES = {name: rank for rank, names in enumerate(_RANKS) for name in names}
_DAY_NS = 24 * 3600 * 10**9
_MOST_RESOLVED = 200
#: Tabs: handlers that another module has.
_TABS = {"rules": "rules", "groups": "alert_groups", "backtest": "backtest"}
#: Who acknowledges when a form does not say.
_SOMEBODY = "web"


async def alerts(request: web.Request) -> web.StreamResponse:
    """`GET /alerts?m=…`: alerts that fire; the other parameters are those of API v2.

    `resolved=1` adds what was over within the last 24 hours.

    Raises:
        BadInput: A matcher is none.
    """
    if tab := _TABS.get(request.query.get("view", "")):
        return await lazily(f"ui.{tab}:tab")(request)
    deps, now_ns = request.app[ALERTMANAGER], request.app[HTTP].clock.now_ns()
    asked = matchers_in([*request.query.getall("m", ()), *request.query.getall("filter", ())])
    wanted = replace(AlertFilter.of(request), matchers=tuple(asked))
    found = await firing(deps, wanted, now_ns, limit=_limit(request))
    found = replace(found, rows=await with_origin(deps, found.rows))
    over = await _resolved(deps, asked, now_ns) if _asks_resolved(request) else []
    document = {
        "total": found.total,
        "matching": found.matching,
        "limit": _limit(request),
        "alerts": [asdict(row) for row in found.rows],
        "resolved": [asdict(row) for row in over],
        "matchers": selector(asked),
        "now_ms": now_ns // 10**6,
    }
    if wants_json(request):
        return json_answer(document)
    return await _page(request, found, document, resolved=over, now_ns=now_ns)


async def _page(
    request: web.Request,
    found: Firing,
    document: dict[str, Any],
    *,
    resolved: list[ResolvedRow],
    now_ns: int,
) -> web.Response:
    """The alerts drawn; `document` is what the script of the page begins with."""
    shown_now: dict[str, Any] = {
        "now_ns": now_ns,
        "now_ms": now_ns // 10**6,
        "api": api_url(request),
    }
    return await page(
        request,
        "alerts.html",
        view="",
        rows=found.rows,
        resolved=resolved,
        has_resolved=_asks_resolved(request),
        count_all=found.matching,
        total=found.total,
        matchers=document["matchers"],
        is_filtered=found.matching < found.total or bool(document["matchers"]),
        props={"given": document, **shown_now},
        **shown_now,
    )


def _asks_resolved(request: web.Request) -> bool:
    return request.query.get("resolved") == "1"


async def ack(request: web.Request) -> web.Response:
    """`POST /alerts/ack`: a form that acknowledges an alert, or takes that back.

    Raises:
        BadInput: It names no alert.
        NotFound: No such alert fires.
    """
    require_control(request)
    form, now_ns = await parameters_of(request), request.app[HTTP].clock.now_ns()
    fingerprint, by = form.get("fingerprint", ""), form.get("by", "").strip() or _SOMEBODY
    if not fingerprint:
        raise BadInput("the form names no alert")
    acks = request.app[ALERTMANAGER].oncall().acks
    held = acks.of(fingerprint)
    if form.get("action") != "unack":
        comment = form.get("comment", "").strip()
        await acks.add(Ack("alert", fingerprint, by, comment, now_ns, "page"))
    elif held is not None:
        await acks.remove(held.kind, held.key, by=by, via="page")
    raise web.HTTPSeeOther(_own_path(form.get("back", "")))


def _own_path(text: str) -> str:
    """A page of ours to go back to."""
    parts = urlsplit(text)
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith("/alerts")
    return text if is_ours else "/alerts"


@dataclass(frozen=True, slots=True)
class Firing:
    """Alerts that fire: the first of those asked for, how many these are, how many there are."""

    rows: list[AlertRow]
    matching: int
    total: int


async def firing(
    deps: AlertmanagerApiDeps, wanted: AlertFilter, now_ns: int, *, limit: int = USUAL
) -> Firing:
    """The alerts that a filter takes, the worst and then the latest first."""
    receivers = wanted.receivers(deps.alertmanager.config)
    views = await deps.alertmanager.shown.all_alerts()
    muted: defaultdict[str, set[str]] = defaultdict(set)
    for group in await deps.alertmanager.shown.all_groups():
        if group.muted_by:
            for view in group.alerts:
                muted[view.alert.fingerprint].update(view.muted_by)

    def choose() -> Firing:
        taken = [
            view
            for view in views
            if not receivers.isdisjoint(view.receivers) and wanted.takes(view, now_ns)
        ]
        first = nsmallest(limit, taken, key=_order)
        rows = [alert_row(view, muted.get(view.alert.fingerprint, ())) for view in first]
        return Firing(rows, len(taken), sum(view.alert.ends_ns >= now_ns for view in views))

    return await offload(choose)


def _limit(request: web.Request) -> int:
    text = request.query.get("limit", "")
    return min(max(int(text), 1), MOST) if text.isascii() and text.isdecimal() else USUAL


async def with_origin(deps: AlertmanagerApiDeps, rows: Sequence[AlertRow]) -> list[AlertRow]:
    """Rows with the rules that make the alerts, and who takes care of them."""
    try:
        oncall = deps.oncall()
    except Unavailable:
        oncall = None
    acked = {row.fingerprint: shown for row in rows if (shown := _ack(oncall, row.fingerprint))}

    def add() -> list[AlertRow]:
        made = _made(deps.rules)
        return [
            replace(row, rule=_rule(made, row.fingerprint), ack=acked.get(row.fingerprint))
            for row in rows
        ]

    return await offload(add)


def _ack(oncall: Oncall | None, fingerprint: str) -> AckShown | None:
    found = oncall.acks.of(fingerprint) if oncall is not None else None
    if found is None:
        return None
    return AckShown(found.by, found.comment, print_time(found.at_ns), found.kind, found.key)


def _made(rules: LoadedRules) -> Mapping[str, Made]:
    """Rules by the fingerprints of the alerts that they make."""
    return {
        rules.own_labels(alert.labels)[1]: (language, group, rule, alert)
        for language, groups in rules.groups().items()
        for group in groups
        for rule in group.rules
        if rule.alerts is not None
        for alert in rule.alerts.active
    }


def _rule(made: Mapping[str, Made], fingerprint: str) -> RuleOfAlert | None:
    if fingerprint not in made:
        return None
    language, group, rule, alert = made[fingerprint]
    is_finite = alert.value - alert.value == 0  # JSON has no others
    return rule_of_alert(language, group, rule, value=alert.value if is_finite else None)


def rule_of_alert(
    language: str, group: GroupState, rule: RuleState, *, value: float | None = None
) -> RuleOfAlert:
    """The rule that makes an alert, as it is shown with it."""
    expr = rule.rule.expr.strip()
    return RuleOfAlert(
        name=rule.rule.name,
        place=place(group, rule),
        language=language,
        expr=expr,
        link=explorer(language, expr),
        watched=watched(language, rule),
        value=value,
    )


async def _resolved(
    deps: AlertmanagerApiDeps, matchers: Sequence[Matcher], now_ns: int
) -> list[ResolvedRow]:
    """What was over within the last day and does not fire again, the latest first."""
    await deps.flush_record()
    again = {one.fingerprint for one in deps.alertmanager.firing()}

    def read() -> list[ResolvedRow]:
        record = deps.record
        wanted: dict[str, Any] = (
            {"fingerprints": list(record.find_labels(matchers))} if matchers else {}
        )
        if matchers and not wanted["fingerprints"]:
            return []
        found = record.events(
            kinds=[EventKind.RESOLVED],
            start_ns=now_ns - _DAY_NS,
            limit=_MOST_RESOLVED,
            newest_first=True,
            **wanted,
        )
        ended = {
            one: event.at_ns
            for event in reversed(found)
            for one in event.fingerprints
            if one not in again
        }
        labels = record.known_labels(ended)
        rows = [resolved_row(one, labels[one], at) for one, at in ended.items() if one in labels]
        return sorted(rows, key=lambda row: -row.ended_ns)

    return await offload(read)


def matchers_in(texts: Iterable[str]) -> list[Matcher]:
    """Matchers as links have them: `a=b` or `{a="b",c="d"}`, each text some of them.

    Raises:
        BadInput: A text has none.
    """
    found: list[Matcher] = []
    for text in filter(None, (text.strip() for text in texts)):
        if text == "{}":
            continue
        try:
            found += parse_matchers(text)
        except BadInput as error:
            hint = 'write m=alertname="NAME" or m={alertname="NAME",job="api"}'
            raise BadInput(f"{error.message}; {hint}") from error
    return found


def api_url(request: web.Request) -> str:
    """Where commands find the API: the listener of its own, else the page's port."""
    urls = endpoints_of(request).urls
    return urls.get("alertmanager") or urls.get("ui") or str(request.url.origin())


def _order(view: AlertView) -> tuple[int, int, str]:
    severity = _SEVERITIES.get(view.alert.labels.get("severity").lower(), 3)
    return severity, -view.alert.starts_ns, view.alert.fingerprint
