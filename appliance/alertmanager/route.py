"""The routing tree (Alertmanager, configuration, `<route>`).

Invariants: a route and what it inherits never change; `path` names a route within its tree, while
its `key`, which goes into group keys, may be that of several routes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.alertmanager.matchers import matchers_of, print_matcher
from appliance.model.labels import Labels
from appliance.model.matcher import MatchOp
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from appliance.alertmanager.config import RouteConfig
    from appliance.config.document import Position
    from appliance.model.matcher import Matcher

    #: Where a section was written, as `Decoded.origin` tells.
    Origin = Callable[[object], Position]

_SECOND_NS = 1_000_000_000
_MS_NS = 1_000_000
_OPS = list(MatchOp)
#: In `group_by`: all labels.
_ALL = "..."


@dataclass(frozen=True, slots=True)
class Route:
    """A node of the tree with all it inherits.

    Attributes:
        matchers: All must hold; sorted.
        does_continue: Whether siblings that follow are asked, too.
        group_by: Sorted names; None stands for all labels (`...`).
        labels: Templates of labels that notifications carry.
        mute_intervals, active_intervals: Names of time intervals; not inherited.
        key: As in group keys, such as `{}/{severity="critical"}`.
        path: Indexes from the root down; empty for the root.
        place: File and line; `("", 0)` when unknown.
    """

    receiver: str
    matchers: tuple[Matcher, ...]
    does_continue: bool
    group_by: tuple[str, ...] | None
    group_wait_ns: int
    group_interval_ns: int
    repeat_interval_ns: int
    labels: Mapping[str, str]
    mute_intervals: tuple[str, ...]
    active_intervals: tuple[str, ...]
    key: str
    path: tuple[int, ...]
    place: tuple[str, int]
    children: tuple[Route, ...] = field(default=(), repr=False)

    def group_labels(self, labels: Labels) -> Labels:
        """The part of an alert's labels that decides on its group."""
        if self.group_by is None:
            return labels
        return Labels([pair for pair in labels if pair[0] in self.group_by])

    def group_key(self, group_labels: Labels) -> str:
        """The name of a group of this route, as receivers see it."""
        pairs = ", ".join(f"{name}={quote(value)}" for name, value in group_labels)
        return f"{self.key}:{{{pairs}}}"

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether all matchers hold; an absent label is empty."""
        if not self.matchers:
            return True
        return all(matcher.matches(labels.get(matcher.name, "")) for matcher in self.matchers)

    def walk(self) -> Iterator[Route]:
        """This route and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


#: What the root inherits.
_DEFAULTS = Route(
    receiver="",
    matchers=(),
    does_continue=False,
    group_by=(),
    group_wait_ns=30 * _SECOND_NS,
    group_interval_ns=300 * _SECOND_NS,
    repeat_interval_ns=4 * 3600 * _SECOND_NS,
    labels={},
    mute_intervals=(),
    active_intervals=(),
    key="",
    path=(),
    place=("", 0),
)


class RouteTree:
    """A tree of routes.

    Args:
        config: The root.
        origin: Finds out where routes were written.

    Attributes:
        has_intervals: Whether time intervals hold back any route at times.
    """

    def __init__(self, config: RouteConfig, *, origin: Origin | None = None) -> None:
        self.root = _build(config, None, path=(), origin=origin)
        self.has_intervals = any(
            route.mute_intervals or route.active_intervals for route in self.walk()
        )

    def match(self, labels: Labels) -> list[Route]:
        """The routes that take an alert, in the tree's order: at least one."""
        found: list[Route] = []
        _collect(self.root, dict(labels), found)
        return found

    def walk(self) -> Iterator[Route]:
        """All routes, parents first."""
        return self.root.walk()

    def at(self, path: tuple[int, ...]) -> Route:
        """The route with a path."""
        route = self.root
        for index in path:
            route = route.children[index]
        return route


def _collect(route: Route, labels: Mapping[str, str], found: list[Route]) -> bool:
    """Put the deepest routes that match into `found`; whether there are any."""
    if not route.matches(labels):
        return False
    before = len(found)
    for child in route.children:
        if _collect(child, labels, found) and not child.does_continue:
            break
    if len(found) == before:
        found.append(route)
    return True


def _build(
    config: RouteConfig, parent: Route | None, *, path: tuple[int, ...], origin: Origin | None
) -> Route:
    matchers = tuple(sorted(route_matchers(config), key=_matcher_order))
    own = "{" + ",".join(print_matcher(matcher) for matcher in matchers) + "}"
    place = origin(config) if origin else None
    base = parent or _DEFAULTS
    route = Route(
        receiver=config.receiver or base.receiver,
        matchers=matchers,
        does_continue=config.continue_,
        group_by=_group_by(config, base),
        group_wait_ns=_span(config.group_wait, base.group_wait_ns),
        group_interval_ns=_span(config.group_interval, base.group_interval_ns),
        repeat_interval_ns=_span(config.repeat_interval, base.repeat_interval_ns),
        labels=dict(base.labels) | {str(name): text for name, text in config.labels.items()},
        mute_intervals=config.mute_time_intervals,
        active_intervals=config.active_time_intervals,
        key=f"{parent.key}/{own}" if parent else own,
        path=path,
        place=(place.file, place.line) if place else ("", 0),
    )
    children = tuple(
        _build(child, route, path=(*path, index), origin=origin)
        for index, child in enumerate(config.routes)
    )
    object.__setattr__(route, "children", children)  # they need their parent to be made
    return route


def route_matchers(config: RouteConfig) -> tuple[Matcher, ...]:
    """All matchers of a route, in whichever of the three ways they are written."""
    return matchers_of(config.match, config.match_re, config.matchers)


def _group_by(config: RouteConfig, base: Route) -> tuple[str, ...] | None:
    if config.group_by is None:
        return base.group_by
    return None if _ALL in config.group_by else tuple(sorted(config.group_by))


def _span(own_ms: int | None, inherited_ns: int) -> int:
    return inherited_ns if own_ms is None else int(own_ms) * _MS_NS


def _matcher_order(matcher: Matcher) -> tuple[str, str, int]:
    return matcher.name, matcher.value, _OPS.index(matcher.op)
