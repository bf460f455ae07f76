"""Regular expressions of label filters that Loki turns into comparisons with plain texts.

Loki parses an expression with Go's `regexp/syntax` and, when it consists of plain texts, `.*` and
alternatives, compares in place of searching (pkg/logql/log/filter.go, `RegexSimplifier`). This is
not the same: `a.*` and `error|err`, of which Go makes `err(?:or|)`, then accept every value that
contains the text. So that queries find here what they find there, this module parses the same
expressions to the same shapes; whatever else is in one makes it an ordinary expression.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOKEN = re.compile(r"(?P<all>\.\*\??)|\\(?P<escaped>[^\w])|(?P<open>\((?:\?:)?)|(?P<mark>[|)])")
_ODD = frozenset("\\.+*?[]{}^$(")
_REPEATS = frozenset("*+?{")
_MOST_PARTS = 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """A value is this text, or contains it.

    Attributes:
        text: In lower case when case does not matter.
    """

    text: str
    is_whole: bool
    ignores_case: bool

    def accepts(self, value: str) -> bool:
        """Whether a value passes."""
        found = value.lower() if self.ignores_case else value
        if not self.is_whole:
            return self.text in found
        return self.text == found and len(self.text.encode()) == len(value.encode())


@dataclass(frozen=True, slots=True)
class _Text:
    """A plain text, not empty; `_Text("")` is what matches nothing but emptiness."""

    text: str


@dataclass(frozen=True, slots=True)
class _Anything:
    """The part `.*`, be it greedy or not."""


@dataclass(frozen=True, slots=True)
class _Sequence:
    """Parts one after the other, at least two."""

    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    """Alternatives, at least two."""

    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Class:
    """One of several characters, which is what Go makes of `a|b`."""


@dataclass(frozen=True, slots=True)
class _Group:
    """A capturing group, whose inside the factoring of alternatives does not see."""

    node: _Node


_Node = _Text | _Anything | _Sequence | _Choice | _Class | _Group
_EMPTY = _Text("")


class _NotPlain(Exception):  # noqa: N818 - not an error
    """The expression is not made of plain texts, `.*` and alternatives."""


def comparisons(expression: str) -> Sequence[Comparison] | None:
    """What an expression comes down to: a value has to pass any of these.

    Returns:
        None when it has to be searched for; the empty sequence accepts every value.
    """
    ignores_case = expression.startswith("(?i)")
    body = expression.removeprefix("(?i)")
    try:
        node = _Parser(body.lower() if ignores_case else body).parse()
        return [
            Comparison(text, is_whole, ignores_case)
            for text, is_whole in _simplified(node)
            if text or is_whole
        ]
    except _NotPlain:
        return None


class _Parser:
    """Reads `sequence { "|" sequence }`, with `sequence = { text | ".*" | "(" expression ")" }`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def parse(self) -> _Node:
        node = self._expression()
        if self._at < len(self._text):
            raise _NotPlain
        return node

    def _expression(self) -> _Node:
        choices = [self._sequence()]
        while self._text[self._at : self._at + 1] == "|":
            self._at += 1
            choices.append(self._sequence())
        return _choice(choices)

    def _sequence(self) -> _Node:
        parts: list[_Node] = []
        while self._at < len(self._text):
            token = _TOKEN.match(self._text, self._at)
            if token is None:
                parts.append(_Text(self._character()))
            elif token["mark"]:
                break
            else:
                self._at = token.end()
                if token["all"]:
                    parts.append(_Anything())
                elif token["escaped"]:
                    parts.append(_Text(token["escaped"]))
                else:
                    parts.append(self._group(captures=token["open"] == "("))
            if self._text[self._at : self._at + 1] in _REPEATS - {""}:
                raise _NotPlain
        return _sequence(parts)

    def _character(self) -> str:
        character = self._text[self._at]
        if character in _ODD:
            raise _NotPlain
        self._at += 1
        return character

    def _group(self, *, captures: bool) -> _Node:
        if self._text[self._at : self._at + 1] == "?":
            raise _NotPlain
        inner = self._expression()
        if self._text[self._at : self._at + 1] != ")":
            raise _NotPlain
        self._at += 1
        return _Group(inner) if captures else inner


def _sequence(parts: Sequence[_Node]) -> _Node:
    """Parts as Go keeps them: nested sequences opened, neighbouring texts joined."""
    flat: list[_Node] = []
    for part in parts:
        for one in part.parts if isinstance(part, _Sequence) else (part,):
            last = flat[-1] if flat else None
            if isinstance(one, _Text) and isinstance(last, _Text) and one.text and last.text:
                flat[-1] = _Text(last.text + one.text)
            else:
                flat.append(one)
    if not flat:
        return _EMPTY
    return flat[0] if len(flat) == 1 else _Sequence(tuple(flat))


def _choice(parts: Sequence[_Node]) -> _Node:
    """Alternatives as Go keeps them: common beginnings taken out, single characters joined."""
    flat: list[_Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, _Choice) else (part,)
    if len(flat) == 1:
        return flat[0]
    joined = _with_classes(_factored(flat))
    return joined[0] if len(joined) == 1 else _Choice(tuple(joined))


def _leading(node: _Node) -> str:
    first = node.parts[0] if isinstance(node, _Sequence) else node
    return first.text if isinstance(first, _Text) else ""


def _factored(parts: Sequence[_Node]) -> list[_Node]:
    """Runs of alternatives that begin alike, each as its beginning and a choice."""
    found: list[_Node] = []
    start, prefix = 0, _leading(parts[0])
    for at in range(1, len(parts) + 1):
        common = _common(prefix, _leading(parts[at])) if at < len(parts) else ""
        if common:
            prefix = common
            continue
        run = parts[start:at]
        if len(run) == 1:
            found.append(run[0])
        else:
            rest = _choice([_without_leading(part, len(prefix)) for part in run])
            found.append(_Sequence((_Text(prefix), rest)))
        start, prefix = at, _leading(parts[at]) if at < len(parts) else ""
    return found


def _common(one: str, other: str) -> str:
    """How two texts both begin."""
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return one[:length]


def _without_leading(node: _Node, length: int) -> _Node:
    if isinstance(node, _Text):
        return _Text(node.text[length:])
    if not isinstance(node, _Sequence):
        return node
    rest = _without_leading(node.parts[0], length)
    parts = node.parts[1:] if rest == _EMPTY else (rest, *node.parts[1:])
    return parts[0] if len(parts) == 1 else _Sequence(parts)


def _with_classes(parts: Sequence[_Node]) -> list[_Node]:
    """Runs of single characters as classes, runs of nothing as one."""
    found: list[_Node] = []
    for is_single, run in groupby(parts, key=_is_single):
        items = list(run)
        if is_single and len(items) > 1:
            found.append(_Class())
        else:
            found += [
                one for at, one in enumerate(items) if one != _EMPTY or items[at - 1 : at] != [one]
            ]
    return found


def _is_single(node: _Node) -> bool:
    return isinstance(node, _Class) or (isinstance(node, _Text) and len(node.text) == 1)


def _opened(node: _Node) -> _Node:
    while isinstance(node, _Group):
        node = node.node
    return node


def _simplified(node: _Node) -> list[tuple[str, bool]]:
    """Texts and whether they are whole values; ("", False) accepts every value."""
    match _opened(node):
        case _Text(text):
            return [(text, bool(text))]
        case _Anything():
            return [("", False)]
        case _Sequence(parts):
            return _contained([_opened(part) for part in parts], None)
        case _Choice(parts):
            found = [pair for part in parts for pair in _simplified(part)]
            # An alternative that accepts everything does not count beside others.
            return [pair for pair in found if pair != ("", False)] or found[:1]
    raise _NotPlain


def _contained(parts: Sequence[_Node], base: str | None) -> list[tuple[str, bool]]:
    """Texts that values contain which a sequence fits."""
    parts = [part for part in parts if part != _EMPTY]
    if len(parts) > _MOST_PARTS:
        raise _NotPlain
    found: list[tuple[str, bool]] = []
    has_text = False
    for part in parts:
        if isinstance(part, _Text):
            if has_text:
                raise _NotPlain
            base, has_text = (base or "") + part.text, True
        elif isinstance(part, _Choice) and base is not None:
            for inner in part.parts:
                found += _continued(inner, base)
        elif not isinstance(part, _Anything):
            raise _NotPlain
    if found:
        return found
    if base is None:
        raise _NotPlain
    return [(base, False)]


def _continued(node: _Node, base: str) -> list[tuple[str, bool]]:
    """Texts contained in values that go on after a text."""
    match node:
        case _Text(text):
            return [(base + text, False)]
        case _Anything():
            return [(base, False)]
        case _Sequence(parts):
            return _contained([_opened(part) for part in parts], base)
    raise _NotPlain
