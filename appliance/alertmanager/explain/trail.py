"""The way of an alert through the tree of routes: who was asked, and what they said."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from appliance.alertmanager.route import Route
    from appliance.model.labels import Labels
    from appliance.model.matcher import Matcher


class Answer(Enum):
    """What a route said.

    Attributes:
        TAKES: It takes the alert.
        PASSES: It matches, and one below it takes the alert.
        REFUSES: One of its matchers does not hold.
        NOT_ASKED: A sibling before it took the alert, and does not continue.
    """

    TAKES = "takes"
    PASSES = "passes"
    REFUSES = "refuses"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class RouteVisit:
    """A route that was asked, or was not.

    Attributes:
        mismatches: Matchers that do not hold, and what the label is instead.
        children: Routes below it, when it matched.
    """

    route: Route
    answer: Answer
    mismatches: tuple[tuple[Matcher, str], ...] = ()
    children: tuple[RouteVisit, ...] = ()

    def taking(self) -> Iterator[Route]:
        """The routes that take the alert, in the tree's order."""
        if self.answer is Answer.TAKES:
            yield self.route
        for child in self.children:
            yield from child.taking()


def trail(root: Route, labels: Labels) -> RouteVisit:
    """Ask a tree of routes as an alert does."""
    return _visit(root, dict(labels))


def _visit(route: Route, labels: Mapping[str, str]) -> RouteVisit:
    wrong = tuple(
        (matcher, labels.get(matcher.name, ""))
        for matcher in route.matchers
        if not matcher.matches(labels.get(matcher.name, ""))
    )
    if wrong:
        return RouteVisit(route, Answer.REFUSES, wrong)
    children: list[RouteVisit] = []
    is_over = False
    for child in route.children:
        visit = RouteVisit(child, Answer.NOT_ASKED) if is_over else _visit(child, labels)
        children.append(visit)
        has_matched = visit.answer in {Answer.TAKES, Answer.PASSES}
        is_over = is_over or (has_matched and not child.does_continue)
    has_child = any(one.answer in {Answer.TAKES, Answer.PASSES} for one in children)
    return RouteVisit(route, Answer.PASSES if has_child else Answer.TAKES, children=tuple(children))
