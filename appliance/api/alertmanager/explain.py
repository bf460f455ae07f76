"""`/api/ui/alerts/explain`: why somebody was told of an alert, or was not, and when next."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from appliance.alertmanager.explain.text import lines
from appliance.alertmanager.matchers import parse_matchers, print_matcher
from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.explain_shapes import explanation_json
from appliance.api.alertmanager.framework import answer
from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.model.matcher import MatchOp

if TYPE_CHECKING:
    from aiohttp import web

    from appliance.alertmanager.explain.values import Explanation

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")


async def explain(request: web.Request) -> web.Response:
    """`GET /api/ui/alerts/explain?fingerprint=…` or `?labels={alertname="…", …}`.

    Raises:
        BadInput: Neither of both, or the labels are none.
        NotFound: Nobody has ever told of an alert with this fingerprint.
    """
    explainer = request.app[ALERTMANAGER].explainer()
    fingerprint, text = request.query.get("fingerprint", ""), request.query.get("labels", "")
    if bool(fingerprint) == bool(text):
        raise BadInput('name one of fingerprint=… and labels={alertname="…"}')
    if fingerprint:
        if not _FINGERPRINT.fullmatch(fingerprint):
            raise BadInput(f"{fingerprint[:50]!r} is no fingerprint: 16 hex digits")
        found = [await explainer.of_fingerprint(fingerprint)]
    else:
        found = await explainer.of_labels(_labels(text))
    return answer({"explanations": [_json(one) for one in found]})


def _json(one: Explanation) -> dict[str, Any]:
    told = [{"depth": line.depth, "text": line.text} for line in lines(one)]
    return explanation_json(one) | {"lines": told}


def _labels(text: str) -> Labels:
    """Labels written as matchers.

    Raises:
        BadInput: They are something else.
    """
    matchers = parse_matchers(text)
    for matcher in matchers:
        if matcher.op is not MatchOp.EQUAL:
            raise BadInput(f"{print_matcher(matcher)} is no label; write name=value")
    found = Labels.of((matcher.name, matcher.value) for matcher in matchers)
    if not found:
        raise BadInput('at least one label is needed, such as alertname="…"')
    return found
