"""Corrections as changes of a text at places: what is not changed stays as it is, comments too."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import yaml

from appliance.config.document import compose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_STEP = re.compile(r"\[(\d+)\]|\.?([^.\[\]]+)")


class Edit(NamedTuple):
    """Text to put in place of what stands between two offsets, in characters."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text with its tree, None when it is not YAML.

    Attributes:
        starts: Offsets at which lines begin; a last one after the end.
    """

    file: str
    text: str
    root: yaml.Node | None
    starts: tuple[int, ...]

    @classmethod
    def of(cls, file: str, text: str) -> Source:
        """A text, taken apart."""
        root, _ = compose(text, file)
        starts = [0, *(match.end() for match in re.finditer("\n", text))]
        return cls(file, text, root, (*starts, len(text)))

    def offset(self, mark: yaml.Mark) -> int:
        """Where a mark stands in the text."""
        return min(self.starts[min(mark.line, len(self.starts) - 1)] + mark.column, len(self.text))

    def raw(self, node: yaml.Node) -> str:
        """A node as it is written, quotes and all."""
        return self.text[self.offset(node.start_mark) : self.offset(node.end_mark)]

    def replaced(self, node: yaml.Node, text: str) -> Edit:
        """The edit that writes a node in another way."""
        return Edit(self.offset(node.start_mark), self.offset(node.end_mark), text)

    def lines(self, first: int, last: int) -> str:
        """Lines, both included, counted from 0."""
        return self.text[self.starts[first] : self.starts[min(last + 1, len(self.starts) - 1)]]

    def inserted(self, line: int, text: str) -> Edit:
        """The edit that puts whole lines before a line, or behind the last one."""
        at = self.starts[min(line, len(self.starts) - 1)]
        if at == len(self.text) and not self.text.endswith("\n"):
            text = "\n" + text.removesuffix("\n")
        return Edit(at, at, text)

    def node(self, path: str) -> yaml.Node | None:
        """The value at a path such as `receivers[0].name`; merge keys are not followed."""
        found = self.root
        for step in _STEP.finditer(path):
            found = _child(found, step[2] if step[1] is None else int(step[1]))
        return found


def last_line(node: yaml.Node) -> int:
    """The last line that belongs to a node, counted from 0; comments and gaps after it do not."""
    if not isinstance(node, yaml.CollectionNode) or not node.value or node.flow_style:
        end = node.end_mark
        return int(end.line) - (end.column == 0 and end.line > node.start_mark.line)
    return max(last_line(child) for child in _children(node))


def key_of(mapping: yaml.Node | None, name: str) -> tuple[yaml.Node, yaml.Node] | None:
    """A key of a mapping with its value."""
    pairs: list[tuple[yaml.Node, yaml.Node]] = (
        mapping.value if isinstance(mapping, yaml.MappingNode) else []
    )
    return next(((key, value) for key, value in pairs if key.value == name), None)


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; of two that overlap the second waits for another time."""
    parts: list[str] = []
    at = 0
    for edit in sorted(set(edits)):
        if edit.start >= at:
            parts += [text[at : edit.start], edit.text]
            at = edit.end
    return "".join([*parts, text[at:]])


def diff(file: str, before: str, after: str) -> str:
    """What changes, as `diff -u` shows it."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), file, f"{file} (fixed)"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    for item in node.value:
        yield from item if isinstance(item, tuple) else (item,)


def _child(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    if isinstance(step, int):
        items = node.value if isinstance(node, yaml.SequenceNode) else []
        return items[step] if step < len(items) else None
    found = key_of(node, step)
    return found[1] if found else None
