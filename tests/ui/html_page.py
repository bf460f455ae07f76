"""What tests read off a page that the server rendered."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """Elements and links of a page.

    Attributes:
        tags: Names of all elements, in order.
        ids, links, islands: Values of `id`; of `href` and `src`; of `data-island`.
        inline: What the pages' policy forbids: styles, scripts and handlers in the page itself.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.inline: list[str] = []
        self.islands: list[str] = []
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        if tag == "style" or "style" in found or any(name.startswith("on") for name in found):
            self.inline.append(str((tag, attrs)))
        self._in_script = tag == "script"
        if "id" in found:
            assert found["id"] not in self.ids, f"id {found['id']} twice"
            self.ids.add(str(found["id"]))
        self.links += [str(found[name]) for name in ("href", "src") if name in found]
        if "data-island" in found:
            self.islands.append(str(found["data-island"]))

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.inline.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_script = self._in_script and tag != "script"
