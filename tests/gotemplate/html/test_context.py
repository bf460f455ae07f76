"""Contexts: names, nudging, joining."""

from __future__ import annotations

import pytest

from appliance.gotemplate.html.attributes import Content, content_of, is_script_type
from appliance.gotemplate.html.context import (
    Attr,
    Context,
    Delim,
    Slash,
    State,
    UrlPart,
    joined,
    nudged,
)


def test_a_template_called_in_plain_text_keeps_its_name() -> None:
    assert Context().suffix == ""
    href = Context(State.URL, Delim.DOUBLE, attr=Attr.URL)
    assert href.suffix == "$htmltemplate_stateURL_delimDoubleQuote_attrURL"


def test_branches_may_end_alike_or_in_what_only_differs_in_doubt() -> None:
    one, other = (
        Context(State.URL, url_part=UrlPart.NONE),
        Context(State.URL, url_part=UrlPart.QUERY),
    )
    assert joined(one, other) == Context(State.URL, url_part=UrlPart.UNKNOWN)
    divides = Context(State.JS, slash=Slash.DIVISION)
    assert joined(Context(State.JS), divides) == Context(State.JS, slash=Slash.UNKNOWN)
    assert joined(Context(State.DEAD), one) == one == joined(one, Context(State.DEAD))
    assert joined(Context(State.TAG), Context(State.ATTR_NAME)) == Context(State.ATTR_NAME)
    assert joined(Context(), Context(State.TAG)) is None


def test_values_within_tags_are_names_or_unquoted_values() -> None:
    assert nudged(Context(State.TAG)).state is State.ATTR_NAME
    assert nudged(Context(State.AFTER_NAME, attr=Attr.URL)) == Context(State.ATTR_NAME)
    assert nudged(Context(State.BEFORE_VALUE, attr=Attr.URL)) == Context(State.URL, Delim.SPACE)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("class", Content.PLAIN),
        ("href", Content.URL),
        ("data-href", Content.URL),
        ("svg:href", Content.URL),
        ("xmlns:x", Content.URL),
        ("my-url", Content.URL),
        ("srclang", Content.PLAIN),
        ("onclick", Content.JS),
        ("style", Content.CSS),
        ("srcset", Content.SRCSET),
        ("type", Content.UNSAFE),
    ],
)
def test_what_attributes_hold(name: str, content: Content) -> None:
    assert content_of(name) is content


def test_scripts_are_known_by_their_type() -> None:
    assert is_script_type("Text/JavaScript; charset=utf-8")
    assert is_script_type("")
    assert not is_script_type("text/x-template")
