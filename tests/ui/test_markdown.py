from __future__ import annotations

import pytest

from appliance.ui.markdown import to_html


def test_markdown_becomes_html_with_lower_headings() -> None:
    text = to_html("# Down\n\n1. Ask\n\n   ```yaml\n   up < 1\n   ```\n")
    assert "<h2>Down</h2>" in text
    assert '<code class="language-yaml">up &lt; 1' in text
    assert "<table>" in to_html("| a |\n| --- |\n| b |\n")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "[a](javascript:alert(1))",
        "[a](data:text/html,x)",
        "![a](http://elsewhere.test/x.png)",
        "<javascript:alert(1)>",
    ],
)
def test_nothing_in_a_text_can_run_or_load(text: str) -> None:
    found = to_html(text)
    assert not any(bad in found for bad in ("<script", "<img", 'href="javascript', 'href="data'))


@pytest.mark.parametrize(
    "text",
    ["[" * 500_000, "- " * 250_000 + "a", "> " * 250_000 + "a"],
    ids=["brackets", "lists", "quotes"],
)
def test_long_texts_take_bounded_time_and_nothing_is_lost(text: str) -> None:
    found = to_html(text)
    assert len(found) < 4 * len(text)
    assert found.rstrip().endswith("</pre>")


def test_a_fence_of_very_many_queries_is_one_text() -> None:
    text = "```promql\n" + "up\n\n" * 1000 + "```"
    assert "data-island" not in to_html(text)
    assert "data-island" in to_html("```promql\nup\n```")
