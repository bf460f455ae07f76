"""Which alerts a client wants to see (Alertmanager, API v2, parameters of alerts and groups)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.alertmanager.matchers import parse_matcher
from appliance.base.errors import BadInput
from appliance.base.re2 import Pattern
from appliance.model.labels import Labels
from appliance.model.matcher import matches_all

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from appliance.alertmanager.config import AlertmanagerConfig
    from appliance.alertmanager.views import AlertView
    from appliance.model.matcher import Matcher

_EXPRESSION = re.compile(r"""[=!]~\s*"?""")
#: What go-openapi takes for true, in any case; everything else is false.
_TRUE = {"true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled"}


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """What to show; see the API."""

    matchers: tuple[Matcher, ...]
    receiver: Pattern | None
    receiver_matchers: tuple[Matcher, ...]
    active: bool
    silenced: bool
    inhibited: bool
    unprocessed: bool
    muted: bool

    @classmethod
    def of(cls, request: web.Request) -> AlertFilter:
        """What the parameters of a request say.

        Raises:
            BadInput: In Alertmanager's words.
        """
        receiver = request.query.get("receiver", "")
        try:
            # Written out, because what is wrong is told of the whole expression.
            pattern = Pattern(f"^(?:{receiver})$") if receiver else None
        except BadInput as error:
            raise BadInput(f"failed to parse receiver param: {error.message}") from error
        return cls(
            matchers_of(request),
            pattern,
            receiver_matchers_of(request),
            flag(request, "active"),
            flag(request, "silenced"),
            flag(request, "inhibited"),
            flag(request, "unprocessed"),
            flag(request, "muted"),
        )

    def takes(self, view: AlertView, now_ns: int) -> bool:
        """Whether an alert is to be shown, whoever its receivers are."""
        if view.alert.ends_ns < now_ns:
            return False
        if view.silenced_by and not self.silenced:
            return False
        if view.inhibited_by and not self.inhibited:
            return False
        is_suppressed = bool(view.silenced_by or view.inhibited_by)
        if not is_suppressed and not (self.active if is_processed(view) else self.unprocessed):
            return False
        return matches_all(self.matchers, view.alert.labels)

    def receivers(self, config: AlertmanagerConfig) -> frozenset[str]:
        """Names of the receivers whose alerts are to be shown."""
        return frozenset(
            receiver.name
            for receiver in config.receivers
            if (self.receiver is None or self.receiver.matches(receiver.name))
            and matches_all(self.receiver_matchers, receiver_labels(receiver.name, receiver.labels))
        )


def is_processed(view: AlertView) -> bool:
    """Whether it is known what becomes of an alert."""
    return view.state != "unprocessed"


def receiver_labels(name: str, labels: Mapping[str, str]) -> Labels:
    """Labels of a receiver; its name is one of them."""
    return Labels.of({**labels, "name": name})


def matchers_of(request: web.Request) -> tuple[Matcher, ...]:
    """The parameter `filter`, of which there may be many.

    Raises:
        BadInput: One of them is no matcher.
    """
    return tuple(_matcher(text) for text in request.query.getall("filter", ()))


def receiver_matchers_of(request: web.Request) -> tuple[Matcher, ...]:
    """The parameter `receiver_matchers`, of which there may be many.

    Raises:
        BadInput: One of them is no matcher.
    """
    try:
        return tuple(_matcher(text) for text in request.query.getall("receiver_matchers", ()))
    except BadInput as error:
        raise BadInput(f"failed to parse receiver_matchers param: {error.message}") from error


def _matcher(text: str) -> Matcher:
    if text.startswith("{") or text.endswith("}"):
        raise BadInput(f"unexpected open or close brace: {text}")
    try:
        return parse_matcher(text)
    except BadInput as error:
        match = _EXPRESSION.search(text)
        if match and error.message.startswith("error parsing regexp"):
            # The original tells of the expression as it compiles it.
            value = text[match.end() :].rstrip().removesuffix('"')
            Pattern(f"^(?:{value})$")
        raise


def flag(request: web.Request, name: str) -> bool:
    """A boolean parameter; true when it is absent or empty, the last one holds."""
    text = [*request.query.getall(name, ()), ""][-2] if name in request.query else ""
    return not text or text.lower() in _TRUE
