"""Markdown (CommonMark and tables) to HTML that can do no harm.

Invariants: HTML in the text is shown as text; links with schemes that run something
(`javascript:`, `data:`, …) stay text; pictures become links, as a page loads nothing from others.

Fences of `promql`, `logql` and `traceql` hold queries, one a paragraph. Each leads to its explorer,
and the island `query` beside it runs it in place.

What is beyond `MOST_CHARS` is shown as it is, and queries beyond `MOST_QUERIES` only as text: a
page takes bounded time, whatever is in the text.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markupsafe import Markup


MOST_CHARS, MOST_QUERIES = 40_000, 200


@functools.lru_cache(maxsize=16)
def to_html(text: str) -> Markup:
    """A text as HTML; its highest headings are second ones, for the page has its own first one."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - comes with Jinja2, which is lazy too

    cut = len(text) if len(text) <= MOST_CHARS else text.rfind("\n", 0, MOST_CHARS) + 1
    whole = _rendered(text[: cut or MOST_CHARS])
    rest = text[cut or MOST_CHARS :]
    return whole + Markup('<pre tabindex="0">{}</pre>\n').format(escape(rest)) if rest else whole


def _rendered(text: str) -> Markup:
    from markupsafe import Markup  # noqa: PLC0415 - comes with Jinja2, which is lazy too

    markdown = _markdown()
    tokens = markdown.parse(text)
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    lower = 2 - min((int(token.tag[1]) for token in headings), default=2)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1]) + lower, 6)}"
    return Markup(markdown.renderer.render(tokens, markdown.options, {}))  # noqa: S704 - HTML is off


@functools.cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415 - lazy

    made = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    rules: dict[str, Any] = cast("Any", made.renderer).rules
    usual = rules["fence"]

    def fence(tokens: Sequence[Any], index: int, *rest: Any) -> str:
        language = tokens[index].info.strip().split(" ")[0]
        if language not in EXPLORERS:
            return str(usual(tokens, index, *rest))
        found = queries_in(tokens[index].content)
        if len(found) > MOST_QUERIES:
            return str(usual(tokens, index, *rest))
        return "".join(_query(language, text) for text in found)

    rules["fence"] = fence
    return made


#: Where a query of a language is explored: path, and the parameter that takes it.
EXPLORERS = {
    "promql": ("/metrics", "g0.expr"),
    "logql": ("/logs", "q"),
    "traceql": ("/traces", "q"),
}


def queries_in(text: str) -> list[str]:
    """The paragraphs of a fence that are more than comments (`#`)."""
    parts = (part.strip("\n") for part in re.split(r"\n[ \t]*\n", text))
    return [part for part in parts if _without_comments(part).strip()]


def _query(language: str, text: str) -> str:
    from markupsafe import escape  # noqa: PLC0415 - comes with Jinja2, which is lazy too

    path, parameter = EXPLORERS[language]
    asked = _without_comments(text).strip()
    href = escape(f"{path}?{urlencode({parameter: asked})}")
    props = escape(orjson.dumps({"language": language, "text": text, "query": asked}).decode())
    return (
        f'<div class="runnable" data-island="query" data-props="{props}">'
        f'<pre tabindex="0"><code>{escape(text)}</code></pre>'
        f'<p><a href="{href}">Open</a></p></div>\n'
    )


def _without_comments(text: str) -> str:
    return re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
