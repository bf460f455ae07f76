"""A template over rows: each of its parts is drawn once for each combination of what it reads.

A part is a piece of text or a `{{…}}` that shares nothing with the others. Templates with variables
of their own are one part.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.gotemplate.ast import Action, Field, Identifier, Text
from appliance.gotemplate.builtins import BUILTINS
from appliance.gotemplate.compiled import NotPlain, compile_nodes
from appliance.gotemplate.execute import Executor
from appliance.gotemplate.parser import parse
from appliance.gotemplate.sprig.text import to_bytes, to_text
from appliance.gotemplate.times import Time
from appliance.gotemplate.values import Function, StringMap
from appliance.lines.column import Column
from appliance.logql.rows import ERROR, ERROR_DETAILS
from appliance.logql.templates.functions import FUNCTIONS, LINE, TIMESTAMP
from appliance.logql.templates.reading import Reads, reads_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from appliance.gotemplate.ast import Node, Tree
    from appliance.logql.rows import Rows

_KNOWN = frozenset([*BUILTINS, *FUNCTIONS, LINE, TIMESTAMP])
_LARGEST_KEY = 1 << 62


class _Entry(StringMap):
    """Labels of an entry, with its line and time."""

    line: str = ""
    time_ns: int = 0


_OF_ENTRY: Mapping[str, Callable[[dict[str, Any]], Any]] = {
    LINE: lambda entry: entry.line,  # type: ignore[attr-defined]  # an _Entry
    TIMESTAMP: lambda entry: Time(entry.time_ns),  # type: ignore[attr-defined]  # an _Entry
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a template, or a part of one, gives for rows.

    Attributes:
        codes: int32[row], which of the texts; the last one is also meant by -1.
        texts: UTF-8; empty where drawing failed.
        failures: What went wrong, by code.
    """

    codes: NDArray[np.int32]
    texts: Sequence[bytes]
    failures: Mapping[int, str] = field(default_factory=dict)

    def lines(self) -> list[bytes]:
        """[row], the texts."""
        texts = self.texts
        if len(texts) == 1:
            return [texts[0]] * len(self.codes)
        return [texts[code] for code in self.codes.tolist()]


@dataclass(frozen=True, slots=True)
class Failures:
    """Rows for which a template fails.

    Attributes:
        mask: bool[row].
        messages: What went wrong there, in the order of the rows that fail.
    """

    mask: NDArray[np.bool_]
    messages: Sequence[str]


class _Part:
    """Nodes that are drawn together."""

    def __init__(self, nodes: Sequence[Node], trees: Sequence[Tree]) -> None:
        main = trees[0]
        self.reads = reads_of(nodes)
        self._tree = type(main)(main.name, main.source, main.text, nodes)
        self._trees = {tree.name: tree for tree in trees}
        self._run = compile_nodes(nodes, FUNCTIONS, _OF_ENTRY)
        self._constant = _constant_of(nodes)
        self.field = _field_of(nodes)
        self._is_line = _is_line(nodes)

    def draw(self, rows: Rows) -> Drawn:
        """What the nodes give."""
        count = len(rows)
        if self._constant is not None:
            return Drawn(np.zeros(count, dtype=np.int32), [self._constant])
        if self._is_line:
            return Drawn(np.arange(count, dtype=np.int32), rows.line_list())
        if self.field is not None:
            column = rows.column(self.field)
            if column is None:
                return Drawn(np.zeros(count, dtype=np.int32), [b""])
            return Drawn(column.codes, [*map(to_bytes, column.values), b""])
        return self._drawn_entries(rows)

    def _drawn_entries(self, rows: Rows) -> Drawn:
        reads = self.reads
        names = rows.names() if reads.is_all else sorted(reads.names - {ERROR, ERROR_DETAILS})
        if reads.is_all or ERROR in reads.names or ERROR_DETAILS in reads.names:
            names += [ERROR, ERROR_DETAILS]
        columns = {name: c for name in names if (c := rows.column(name)) is not None}
        if reads.per_row:
            codes = np.arange(len(rows), dtype=np.int32)
            first: NDArray[np.int64] = codes.astype(np.int64)
        else:
            codes, first = _combined(list(columns.values()), len(rows))
        texts, failures = self._texts(_entries(rows, columns, first, reads))
        return Drawn(codes, texts, failures)

    def _texts(self, entries: Sequence[_Entry]) -> tuple[list[bytes], dict[int, str]]:
        texts: list[bytes] = []
        failures: dict[int, str] = {}
        for number, entry in enumerate(entries):
            try:
                texts.append(to_bytes(self._text(entry)))
            except BadInput as error:
                failures[number] = error.message
                texts.append(b"")
        return texts, failures

    def _text(self, entry: _Entry) -> str:
        if self._run is not None:
            try:
                return self._run(entry)
            except NotPlain:
                pass
        line, time_ns = entry.line, entry.time_ns
        own = {LINE: Function((), lambda: line), TIMESTAMP: Function((), lambda: Time(time_ns))}
        return Executor(self._tree, self._trees, {**FUNCTIONS, **own}).run(entry)


class LogTemplate:
    """A template of LogQL; may be used by several threads at a time.

    Args:
        name: How messages call it.
        text: As written.

    Attributes:
        reads: What it depends on.

    Raises:
        BadInput: In Go's words, `template: NAME:1: function "x" not defined`.
    """

    def __init__(self, name: str, text: str) -> None:
        trees = parse(name, text, _KNOWN)
        body = trees[0].body
        declares = any(isinstance(node, Action) and node.pipe.variables for node in body)
        groups = [body] if declares else [[node] for node in body]
        self._parts = [_Part(nodes, trees) for nodes in groups]
        self.reads = Reads()
        for part in self._parts:
            self.reads |= part.reads

    @property
    def field(self) -> str | None:
        """The label that the whole template stands for, if it is just `{{.label}}`."""
        return self._parts[0].field if len(self._parts) == 1 else None

    def lines(self, rows: Rows) -> tuple[list[bytes], Failures | None]:
        """The text for each row; empty where the template fails."""
        drawn = [part.draw(rows) for part in self._parts]
        if len(drawn) == 1:
            lines = drawn[0].lines()
        else:
            lines = [b"".join(row) for row in zip(*(d.lines() for d in drawn), strict=True)]
        return lines or [b""] * len(rows), _failures(drawn, len(rows))

    def column(self, rows: Rows) -> tuple[Column, Failures | None]:
        """The text for each row, absent where the template fails."""
        drawn = [part.draw(rows) for part in self._parts]
        failures = _failures(drawn, len(rows))
        codes, first = _combined([Column(d.codes, ("",) * len(d.texts)) for d in drawn], len(rows))
        choices = [[d.texts[code] for code in d.codes[first].tolist()] for d in drawn]
        joined = [b"".join(parts) for parts in zip(*choices, strict=True)] or [b""]
        number: dict[str, int] = {}
        texts = (text.decode("utf-8", "replace") for text in joined)
        moved = np.array([number.setdefault(text, len(number)) for text in texts], dtype=np.int32)
        found = Column(moved[codes], list(number))
        return found if failures is None else found.without(failures.mask), failures


def _entries(
    rows: Rows, columns: Mapping[str, Column], chosen: NDArray[np.int64], reads: Reads
) -> list[_Entry]:
    """What templates are given for some rows."""
    entries = [_Entry() for _ in range(len(chosen))]
    for name, column in columns.items():
        for entry, text in zip(entries, column.take(chosen).texts(), strict=True):
            if text is not None:
                entry[name] = text
    if reads.line:
        lines = rows.line_list()
        for entry, row in zip(entries, chosen.tolist(), strict=True):
            entry.line = to_text(lines[row])
    if reads.time:
        for entry, time_ns in zip(entries, rows.times_ns[chosen].tolist(), strict=True):
            entry.time_ns = time_ns
    return entries


def _combined(columns: Sequence[Column], count: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Distinct combinations: int32[row], which one; int64[combination], the first row of each."""
    key = np.zeros(count, dtype=np.int64)
    size = 1
    for column in columns:
        radix = len(column.values) + 1
        if size * radix >= _LARGEST_KEY:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            size = count
        key = key * radix + (column.codes + 1)
        size *= radix
    _, first, codes = np.unique(key, return_index=True, return_inverse=True)
    return codes.astype(np.int32), first.astype(np.int64)


def _failures(drawn: Sequence[Drawn], count: int) -> Failures | None:
    """Rows in which any part fails, with what the first of the parts says."""
    failing = [d for d in drawn if d.failures]
    if not failing:
        return None
    messages: list[str | None] = [None] * count
    for d in reversed(failing):
        for row in np.flatnonzero(np.isin(d.codes, list(d.failures))).tolist():
            messages[row] = d.failures[int(d.codes[row])]
    mask = np.fromiter((message is not None for message in messages), dtype=bool, count=count)
    return Failures(mask, [message for message in messages if message is not None])


def _constant_of(nodes: Sequence[Node]) -> bytes | None:
    if all(isinstance(node, Text) for node in nodes):
        return to_bytes("".join(node.text for node in nodes if isinstance(node, Text)))
    return None


def _only_operand(nodes: Sequence[Node]) -> object:
    """What the only action prints, if it is a single operand."""
    match nodes:
        case [Action(pipe=pipe)] if not pipe.variables and len(pipe.commands) == 1:
            args = pipe.commands[0].args
            return args[0] if len(args) == 1 else None
    return None


def _field_of(nodes: Sequence[Node]) -> str | None:
    operand = _only_operand(nodes)
    return operand.names[0] if isinstance(operand, Field) and len(operand.names) == 1 else None


def _is_line(nodes: Sequence[Node]) -> bool:
    operand = _only_operand(nodes)
    return isinstance(operand, Identifier) and operand.name == LINE
