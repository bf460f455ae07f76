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
