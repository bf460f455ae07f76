"""YAML 1.1 text to a tree of nodes that know their file, line and column."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from appliance.config.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: The largest configuration file that is read.
MAX_FILE_BYTES = 16 << 20
#: The deepest nesting of lists and mappings that is read.
MAX_DEPTH = 100


class Position(NamedTuple):
    """Where something stands; line and column from 1."""

    file: str
    line: int
    column: int


class LiteralNode(yaml.ScalarNode):
    """A scalar in which no variables are expanded: it came from a flag or the environment."""


class _Named(io.BytesIO):
    """A stream whose name the parser puts into every mark."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self.name = name


def position(node: yaml.Node) -> Position:
    """Where a node starts."""
    mark = node.start_mark
    return Position(str(mark.name), mark.line + 1, mark.column + 1)


def compose(text: str | bytes, file: str) -> tuple[yaml.Node | None, list[Problem]]:
    """The root node of one YAML document.

    Returns:
        The node, None for an empty document, and the syntax error if there is one.
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        if too_deep := _find_too_deep(data, file):
            return None, [too_deep]
        return yaml.compose(_Named(data, file), Loader=yaml.CSafeLoader), []
    except yaml.MarkedYAMLError as error:
        return None, [_syntax_problem(error, file)]
    except yaml.reader.ReaderError as error:
        line = data.count(b"\n", 0, error.position) + 1
        column = error.position - (data.rfind(b"\n", 0, error.position) + 1) + 1
        return None, [Problem(file, line, column, "", str(error.reason), "yaml-syntax")]


def _find_too_deep(data: bytes, file: str) -> Problem | None:
    """Where collections nest too deeply: composing recurses, in C without a bound."""
    depth = 0
    for event in yaml.parse(_Named(data, file), Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                mark: Any = event.start_mark
                problem = f"nested more than {MAX_DEPTH} deep"
                error = yaml.MarkedYAMLError(problem=problem, problem_mark=mark)
                return _syntax_problem(error, file)
    return None


def _syntax_problem(error: yaml.MarkedYAMLError, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    message = ", ".join(part for part in (error.problem, error.context) if part)
    hint = ""
    if error.problem and "cannot start any token" in error.problem:
        hint = "indent with spaces, not tabs, and quote text that starts with @ ` or %"
    elif error.problem and "mapping values are not allowed" in error.problem:
        hint = 'quote text that contains ": "'
    return Problem(file, line, column, "", message or "not valid YAML", "yaml-syntax", hint=hint)


def read(path: Path) -> tuple[bytes, list[Problem]]:
    """A file's bytes, or the finding that says why there are none."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return b"", [Problem(str(path), 0, 0, "", f"cannot be read: {reason}", "unreadable")]
    if len(data) > MAX_FILE_BYTES:
        message = f"larger than {MAX_FILE_BYTES >> 20} MiB"
        return b"", [Problem(str(path), 0, 0, "", message, "unreadable")]
    return data, []


def matching_files(pattern: str, directory: Path) -> list[Path]:
    """Files a name stands for, sorted; `*`, `?` and `[…]` are wildcards as in Go's Glob.

    Args:
        pattern: A name, relative to the directory unless absolute.
        directory: Usually that of the file the name stands in.

    Returns:
        A name without wildcards stands for itself, whether the file exists or not.
    """
    path = directory / pattern
    if not any(char in pattern for char in "*?["):
        return [path]
    anchor = type(path)(path.anchor)
    return sorted(anchor.glob(str(path.relative_to(anchor))))


def resolved_tag(text: str) -> str:
    """The tag of an unquoted scalar, such as `tag:yaml.org,2002:int` for `15`."""
    resolver: Any = yaml.resolver.Resolver()
    return str(resolver.resolve(yaml.ScalarNode, text, (True, False)))


def empty_mapping(file: str) -> yaml.MappingNode:
    """The mapping an empty document stands for."""
    return yaml.MappingNode("tag:yaml.org,2002:map", [], *_marks(file))


def null(file: str) -> yaml.ScalarNode:
    """What an empty document holds."""
    return yaml.ScalarNode("tag:yaml.org,2002:null", "", *_marks(file))


def overlay(root: yaml.Node | None, values: Mapping[str, str], source: str) -> yaml.Node:
    """The tree with values set over it, each at its dotted path.

    Args:
        root: A mapping or None; anything else is returned as it is.
        values: Dotted path to text. Text in brackets or braces is YAML, other text a scalar.
        source: What positions name as their file, with `{}` for the path.
    """
    tree = empty_mapping(source) if root is None else root
    for path, text in values.items():
        if isinstance(tree, yaml.MappingNode):
            _set(tree, path, _value(text, source.format(path)))
    return tree


def underlay(root: yaml.Node | None, base: yaml.Node | None) -> yaml.Node | None:
    """The tree with what only `base` has; neither is changed."""
    if root is None:
        return base
    if not isinstance(root, yaml.MappingNode) or not isinstance(base, yaml.MappingNode):
        return root
    below = {key.value: value for key, value in base.value}
    pairs = [(key, underlay(value, below.get(key.value))) for key, value in root.value]
    given = {key.value for key, _ in root.value}
    pairs += [pair for pair in base.value if pair[0].value not in given]
    return yaml.MappingNode(root.tag, pairs, root.start_mark, root.end_mark)


def _set(mapping: yaml.MappingNode, path: str, value: yaml.Node) -> None:
    """Put a value at a dotted path, making the mappings on the way; what was there gives way."""
    head, _, rest = path.partition(".")
    found = [i for i, (key, _) in enumerate(mapping.value) if getattr(key, "value", None) == head]
    name = str(value.start_mark.name)
    if rest:
        inner = mapping.value[found[0]][1] if found else None
        if not isinstance(inner, yaml.MappingNode):
            inner = empty_mapping(name)
        _set(inner, rest, value)
        value = inner
    key = mapping.value[found[0]][0] if found and rest else _scalar(head, name)
    if found:
        mapping.value[found[0]] = (key, value)
    else:
        mapping.value.append((key, value))


def _value(text: str, name: str) -> yaml.Node:
    if text[:1] in {"[", "{"}:
        node, problems = compose(text, name)
        if node is not None and not problems:
            return node
    return _scalar(text, name)


def _scalar(text: str, name: str) -> LiteralNode:
    return LiteralNode(resolved_tag(text), text, *_marks(name), style=None)


def _marks(name: str) -> tuple[yaml.Mark, yaml.Mark]:
    mark = yaml.Mark(name, 0, 0, 0, None, 0)
    return mark, mark
