"""Collects findings while a file is decoded, and knows where every section came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from appliance.config.document import Position, position
from appliance.config.problem import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Keys and list indexes from a section down to a value; a single key may stand alone.
Path = str | tuple[str | int, ...]


class Report:
    """Findings about one file, and the side table of origins.

    Invariant: a section in which a value was already refused gets no further errors from its
    `check`, since the defaults in place of refused values would only mislead.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        # id -> (the section, kept alive so that the id stays its own; its node; its path)
        self._origins: dict[int, tuple[object, yaml.Node, str]] = {}
        self._spoilt: set[int] = set()

    def register(self, value: object, node: yaml.Node, path: str, *, spoilt: bool) -> None:
        """Remember where a section came from, and whether some of its values were refused."""
        self._origins[id(value)] = (value, node, path)
        if spoilt:
            self._spoilt.add(id(value))

    def origin(self, value: object, path: Path = ()) -> Position:
        """Where a section, or something inside it, stands; what is absent stands where it would."""
        return self._locate(value, path)[0]

    def path_of(self, value: object) -> str:
        """Where in the structure a section stands, as findings name it."""
        return self._locate(value, ())[1]

    def is_spoilt(self, value: object) -> bool:
        """Whether some values of a section were refused, so that defaults stand in their place."""
        return id(value) in self._spoilt

    def is_written(self, value: object, path: Path) -> bool:
        """Whether a key of a section stands in a file, rather than being a default."""
        if id(value) not in self._origins:
            return False
        node = self._origins[id(value)][1]
        for step in (path,) if isinstance(path, str) else path:
            place, node = _descend(node, step)
            if place is None:
                return False
        return True

    def error(
        self, value: object, path: Path, message: str, *, code: str = "bad-value", hint: str = ""
    ) -> None:
        """A finding that makes the file unusable.

        Args:
            value: The section it is about.
            path: Keys from there to the culprit.
            message: Lower case, names the offending value.
            code: Kind of finding.
            hint: What would be right.
        """
        if id(value) not in self._spoilt:
            self._add(self._locate(value, path), message, code, hint=hint, severity=Severity.ERROR)

    def warn(
        self, value: object, path: Path, message: str, *, code: str = "suspicious", hint: str = ""
    ) -> None:
        """A finding that leaves the file usable; arguments as for `error`."""
        self._add(self._locate(value, path), message, code, hint=hint, severity=Severity.WARNING)

    def add(
        self,
        node: yaml.Node,
        path: str,
        message: str,
        *,
        code: str,
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        """A finding at a node."""
        self._add((position(node), path), message, code, hint=hint, severity=severity)

    def _add(
        self, place: tuple[Position, str], message: str, code: str, *, hint: str, severity: Severity
    ) -> None:
        (file, line, column), path = place
        self.problems.append(Problem(file, line, column, path, message, code, severity, hint))

    def _locate(self, value: object, path: Path) -> tuple[Position, str]:
        if id(value) not in self._origins:
            return Position(self.file, 0, 0), ""
        _, node, text = self._origins[id(value)]
        at = node
        for step in (path,) if isinstance(path, str) else path:
            text = join(text, step)
            key, inner = _descend(node, step)
            if key is None:
                return position(at), text
            node, at = inner, key
        return position(at), text


def join(path: str, step: str | int) -> str:
    """A path one step longer."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    return f"{path}.{step}" if path else step


def _descend(node: yaml.Node, step: str | int) -> tuple[yaml.Node | None, yaml.Node]:
    """The node that marks the place (a key or an item) and the node inside."""
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        items: Sequence[yaml.Node] = node.value
        if step < len(items):
            return items[step], items[step]
    if isinstance(node, yaml.MappingNode):
        for key, inner in node.value:
            if key.value == step:
                return key, inner
    return None, node
