"""Labels, annotations and matchers as arguments; a first word alone is the alert's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from appliance.alertmanager.matchers import parse_matcher, print_matcher
from appliance.base.errors import BadInput
from appliance.model.matcher import Matcher, MatchOp

if TYPE_CHECKING:
    from collections.abc import Sequence


def read_matchers(texts: Sequence[str]) -> list[Matcher]:
    """Matchers such as `severity=~"a|b"`.

    Raises:
        click.BadParameter: One is none.
    """
    return [_matcher(text, is_first=index == 0) for index, text in enumerate(texts)]


def filters(texts: Sequence[str]) -> list[tuple[str, str]]:
    """The same as parameters of a request.

    Raises:
        click.BadParameter: One is none.
    """
    return [("filter", print_matcher(matcher)) for matcher in read_matchers(texts)]


def read_labels(texts: Sequence[str]) -> dict[str, str]:
    """Labels or annotations, `NAME=VALUE` each.

    Raises:
        click.BadParameter: One is none.
    """
    found = {}
    for matcher in read_matchers(texts):
        if matcher.op is not MatchOp.EQUAL:
            raise click.BadParameter(f"{matcher} is no label; write NAME=VALUE")
        found[matcher.name] = matcher.value
    return found


def _matcher(text: str, *, is_first: bool) -> Matcher:
    if is_first and not any(mark in text for mark in "=~"):
        return Matcher("alertname", MatchOp.EQUAL, text)
    try:
        return parse_matcher(text)
    except BadInput as error:
        raise click.BadParameter(error.message) from error
