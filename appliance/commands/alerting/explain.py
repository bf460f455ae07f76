"""What `appliance alerts explain` asks and prints."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from appliance.alertmanager.matchers import print_matcher
from appliance.commands.alerting.labels import read_labels
from appliance.commands.visible import visible
from appliance.model.matcher import Matcher, MatchOp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.commands.alerting.client import AlertmanagerClient

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")


def questions(which: Sequence[str]) -> list[tuple[str, str]]:
    """Parameters of the requests that arguments ask for.

    Raises:
        click.BadParameter: They are neither fingerprints nor labels.
    """
    if all(_FINGERPRINT.fullmatch(text) for text in which):
        return [("fingerprint", text) for text in which]
    matchers = [
        print_matcher(Matcher(name, MatchOp.EQUAL, value))
        for name, value in read_labels(which).items()
    ]
    return [("labels", "{" + ",".join(matchers) + "}")]


def ask(client: AlertmanagerClient, question: tuple[str, str]) -> list[Any]:
    """The explanations of a server."""
    return list(client.get("/api/ui/alerts/explain", [question])["explanations"])


def print_lines(found: Sequence[Mapping[str, Any]]) -> None:
    """Explanations one after the other."""
    for number, one in enumerate(found):
        if number:
            click.echo()
        for index, line in enumerate(one["lines"]):
            text = visible("  " * line["depth"] + line["text"])
            click.echo(click.style(text, bold=True) if index == 0 else text)
