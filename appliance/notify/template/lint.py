"""Slips in notification templates, told before a page would look wrong or fail.

A template is parsed, its tree is walked for fields and templates that do not exist, and it is
tried on made-up notifications: one alert that fires, two of which one is over, one that is over.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.gotemplate.ast import Branch, Call
from appliance.gotemplate.builtins import BUILTINS
from appliance.notify.integration import TemplateFailed
from appliance.notify.template.defaults import default_names
from appliance.notify.template.functions import FUNCTION_NAMES
from appliance.notify.template.samples import samples
from appliance.notify.template.types import Type, suggestion
from appliance.notify.template.walk import Slip, Walker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from appliance.gotemplate.ast import Node
    from appliance.notify.template.templates import NotificationTemplates

_EXECUTING = re.compile(
    r"(?:html/)?template:(?P<space> ?)(?P<source>[^:\s]*):(?P<line>\d+):(?:(?P<column>\d+):)? ?"
    r'(?:executing (?P<name>"(?:[^"\\]|\\.)*") at (?P<node><.*?>): )?(?P<rest>.*)',
    re.DOTALL,
)
_NO_FUNCTION = re.compile(r'function "(\w+)" not defined')


def lint(text: str, *, templates: NotificationTemplates, kind: str = "text") -> list[str]:
    """What is wrong with a template of a configuration.

    Args:
        templates: What it can call.
        kind: `text` or `html`.

    Returns:
        Messages, `LINE:COLUMN: …` for what stands in the text itself, `FILE:LINE:COLUMN: …` for
        what stands in a definition that it calls; columns count from 1.
    """
    if "{{" not in text and kind != "html":
        return []
    return [shown(slip) for slip in slips(text, templates=templates, kind=kind)]


def shown(slip: Slip) -> str:
    """A finding as a line; what it cannot place stands without a place."""
    where = f"{slip.source}:" if slip.source else ""
    return f"{where}{slip.line}:{slip.column + 1}: {slip.message}" if slip.line else slip.message


def slips(text: str, *, templates: NotificationTemplates, kind: str = "text") -> list[Slip]:
    """As `lint`; the text itself is the source without a name."""
    try:
        trees = templates.overlaid(text)
    except BadInput as error:
        return [parse_slip(error.message)]
    walker = Walker(trees, [*templates.names(), *default_names()])
    walker.walk("", Type.DATA)
    found = walker.slips
    places = {(slip.source, slip.line) for slip in found}
    for message in _tried(text, templates, kind):
        slip = _execution_slip(message)
        if (slip.source, slip.line) not in places and slip not in found:
            found.append(slip)
    return found


def parse_slip(message: str) -> Slip:
    """A parser's message, with a hint for a function that was probably meant."""
    match = _EXECUTING.fullmatch(message)
    if match is None:
        return Slip("", 0, 0, message)
    rest = match["rest"]
    if unknown := _NO_FUNCTION.search(rest):
        rest += suggestion(unknown[1], sorted([*FUNCTION_NAMES, *BUILTINS]))
    return Slip(match["source"], int(match["line"]), int(match["column"] or 0), rest)


def _execution_slip(message: str) -> Slip:
    match = _EXECUTING.fullmatch(message)
    if match is None:
        return Slip("", 0, 0, message)
    where = f"{match['node']}: " if match["node"] else ""
    rest = f"{where}{match['rest']}"
    return Slip(match["source"], int(match["line"]), int(match["column"] or 0), rest)


def _tried(text: str, templates: NotificationTemplates, kind: str) -> Iterator[str]:
    """Go's messages for the samples on which the template fails."""
    for message in samples():
        renderer = templates.renderer(message)
        try:
            if kind == "html":
                renderer.html(text)
            else:
                renderer.text(text)
        except TemplateFailed as error:
            yield error.message


def lint_definitions(templates: NotificationTemplates) -> list[Slip]:
    """What is wrong with the definitions of files.

    Those that no other definition calls are taken for what a configuration calls with the whole
    notification; those that are called are judged by what they are called with.
    """
    names = templates.names()
    trees = templates.overlaid("")
    walker = Walker(trees, [*names, *default_names()])
    called = {call for name in names if (tree := trees.get(name)) for call in _calls(tree.body)}
    for name in names:
        if name not in called:
            walker.walk(name, Type.DATA)
    for name in names:
        walker.walk(name, Type.UNKNOWN)
    return walker.slips


def _calls(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Call):
            yield node.name
        elif isinstance(node, Branch):
            yield from _calls(node.body)
            yield from _calls(node.otherwise or ())
