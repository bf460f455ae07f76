"""`/api/ui/alerts/backtest`: when would rules have fired, and who would have been told."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.framework import encoded
from appliance.api.http import HTTP
from appliance.api.loki.params import parse_time_ns
from appliance.api.request import body_of, run_query
from appliance.backtest.question import ExprAsked, FileAsked, Question
from appliance.base.duration import parse_duration
from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import web

    from appliance.backtest.plan import Plan
    from appliance.backtest.service import Backtester
    from appliance.backtest.simulate import Routing
    from appliance.query.limits import QueryGuard

_DAY_MS = 86_400_000
_MOST_EPISODES = 10_000
_SHAPE = (
    'the body must be a JSON object such as {"alerts": ["HighLatency"], "from": "30d"};'
    " files and exprs may stand beside alerts"
)


async def run(request: web.Request) -> web.Response:
    """`POST /api/ui/alerts/backtest`.

    The body has `alerts` (names), `files` (`name`, `text`, `alert`, `language`), `exprs` (`expr`,
    `alert`, `language`, `for`, `keep_firing_for`, `interval`, `labels`), `from` and `to` (times,
    or a duration before now), `episodes` (how many to show) and `routing` (false: leave it out).

    Raises:
        BadInput: The body, a rule or the range cannot be used.
        NotFound: No alert has the name.
        LimitExceeded, TimedOut: There is too much to go through.
    """
    question = _question(await body_of(request), request.app[HTTP].clock.now_ms())
    backtester = request.app[ALERTMANAGER].backtester()
    plans, routing = backtester.plans(question), backtester.routing()
    label = "backtest of " + ", ".join(plan.rule.alert for plan in plans[:10])
    work = partial(_answer, backtester, question, plans, routing)
    return encoded(await run_query(request, work, label=label))


def _answer(
    backtester: Backtester,
    question: Question,
    plans: Sequence[Plan],
    routing: Routing,
    guard: QueryGuard,
) -> bytes:
    report = backtester.run(question, plans, routing, guard)
    return orjson.dumps(report.document(), option=orjson.OPT_APPEND_NEWLINE)


def _question(body: bytes, now_ms: int) -> Question:
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadInput(_SHAPE) from error
    if not isinstance(given, dict):
        raise BadInput(_SHAPE)
    episodes = given.get("episodes", 200)
    if not isinstance(episodes, int) or not 0 <= episodes <= _MOST_EPISODES:
        raise BadInput(f"'episodes' must be a number up to {_MOST_EPISODES}, not {episodes!r}")
    end_ms = _time(given, "to", now_ms, now_ms)
    start_ms = _time(given, "from", end_ms - _DAY_MS, now_ms)
    if end_ms <= start_ms:
        raise BadInput("'from' must be before 'to'")
    return Question(
        start_ms,
        end_ms,
        alerts=tuple(_texts(given, "alerts")),
        files=tuple(_file(one) for one in _objects(given, "files")),
        exprs=tuple(_expr(one) for one in _objects(given, "exprs")),
        episodes=episodes,
        has_routing=given.get("routing", True) is not False,
    )


def _time(given: Mapping[str, Any], name: str, usual: int, now_ms: int) -> int:
    """A time of the API, or how long before now."""
    text = given.get(name)
    if text is None:
        return usual
    try:
        return now_ms - parse_duration(str(text))
    except BadInput:
        pass
    try:
        return parse_time_ns(str(text)) // 10**6
    except BadInput as error:
        message = f"{name!r} is {str(text)[:50]!r}: neither a time nor a duration such as 30d"
        raise BadInput(message) from error


def _file(given: Mapping[str, Any]) -> FileAsked:
    return FileAsked(
        _text(given, "name") or "rules.yml",
        _text(given, "text"),
        _text(given, "alert"),
        _text(given, "language") or "promql",
    )


def _expr(given: Mapping[str, Any]) -> ExprAsked:
    labels = given.get("labels", {})
    if not isinstance(labels, dict) or not all(isinstance(one, str) for one in labels.values()):
        raise BadInput("'labels' must be an object of strings")
    return ExprAsked(
        _text(given, "expr"),
        _text(given, "language") or "promql",
        _text(given, "alert") or "Backtest",
        hold_ms=_duration(given, "for", 0),
        keep_firing_ms=_duration(given, "keep_firing_for", 0),
        interval_ms=_duration(given, "interval", 60_000),
        labels=tuple(labels.items()),
    )


def _duration(given: Mapping[str, Any], name: str, usual: int) -> int:
    text = _text(given, name)
    return parse_duration(text) if text else usual


def _text(given: Mapping[str, Any], name: str) -> str:
    found = given.get(name, "")
    if not isinstance(found, str):
        raise BadInput(f"{name!r} must be a text")
    return found


def _texts(given: Mapping[str, Any], name: str) -> list[str]:
    found = given.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise BadInput(f"{name!r} must be a list of texts")
    return found


def _objects(given: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = given.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BadInput(f"{name!r} must be a list of objects")
    return found
