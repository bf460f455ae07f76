"""Markdown (CommonMark and tables) to HTML that can do no harm.

Invariants: HTML in the text is shown as text; links with schemes that run something
(`javascript:`, `data:`, …) stay text; pictures become links, as a page loads nothing from others.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markupsafe import Markup


def to_html(text: str) -> Markup:
    """A text as HTML, its headings one level lower, for the page has its own first one."""
    from markupsafe import Markup  # noqa: PLC0415 - comes with Jinja2, which is lazy too

    markdown = _markdown()
    tokens = markdown.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    return Markup(markdown.renderer.render(tokens, markdown.options, {}))  # noqa: S704 - HTML is off


@functools.cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415 - lazy

    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
