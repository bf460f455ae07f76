from __future__ import annotations

from pathlib import Path

import jinja2
import pytest

from appliance.ui.assets import Assets
from appliance.ui.pages import NAVIGATION, Pages


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    return Pages(Assets(tmp_path), "1.2.3")


def test_values_are_escaped(pages: Pages) -> None:
    text = pages.render("error.html", "/x", code=404, title="<b>", message='"<script>"')
    assert "&lt;b&gt;" in text
    assert "<script>" not in text


def test_a_missing_value_is_an_error(pages: Pages) -> None:
    with pytest.raises(jinja2.UndefinedError, match="message"):
        pages.render("error.html", "/x", code=404, title="t")


def test_without_a_build_a_page_says_what_to_run(pages: Pages) -> None:
    text = pages.render("error.html", "/x", code=404, title="t", message="m")
    assert "npm run build" in text
    assert "/static/" not in text


def test_the_current_page_is_marked(pages: Pages) -> None:
    for path, name, _ in (page for _, group in NAVIGATION for page in group):
        text = pages.render("error.html", path, code=404, title="t", message="m")
        assert f'href="{path}" title="{name}" aria-current="page"><span>{name}<' in text
        assert text.count("aria-current") == 1
