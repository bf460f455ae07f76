"""Whatever a value is, a browser reads exactly it, and nothing else, where it was put."""

from __future__ import annotations

import json
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from appliance.gotemplate.json_text import to_json
from tests.gotemplate.html.rendering import rendered

_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=40)
_PAGE = (
    '<p title="{{ . }}" lang=\'{{ . }}\'>{{ . }}</p><a href="/{{ . }}">x</a>'
    "<script>f({{ . }});</script>"
)
_NUMBERS = st.integers(-(2**53), 2**53) | st.floats(-1e15, 1e15)
_JSON = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=10,
)


class _Reader(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        tag = self.tags[-1][0]
        self.text[tag] = self.text.get(tag, "") + data


@given(_TEXTS)
def test_values_cannot_break_out(value: str) -> None:
    reader = _Reader()
    reader.feed(rendered(_PAGE, value))
    reader.close()
    assert [tag for tag, _ in reader.tags] == ["p", "a", "script"]
    assert reader.tags[0][1] == {"title": value, "lang": value}
    assert reader.text.get("p", "") == value
    script = reader.text["script"]
    assert json.loads(script.removeprefix("f(").removesuffix(");")) == value


@given(_JSON)
def test_json_is_what_it_was(value: object) -> None:
    assert json.loads(to_json(value)) == value
