"""YAML nodes to sections: type hints drive it, and every error is collected with its line.

Kinds are told apart as go-yaml v2 does for the originals: text wanted takes the source text of any
scalar (`1.10`, `on`, `12:30`), numbers and booleans must be written as such, a key without a value
counts as absent, a key twice is refused.
"""

from __future__ import annotations

import difflib
import functools
import pathlib
import re
import typing
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from appliance.base.errors import ApplianceError
from appliance.config.document import LiteralNode, resolved_tag
from appliance.config.expand import UnsetVariable, expand
from appliance.config.problem import Severity
from appliance.config.report import Report, join
from appliance.config.scalars import (
    Uint,
    parse_bool,
    parse_choice,
    parse_float,
    parse_int,
    parse_uint,
)
from appliance.config.schema import Field, KeyOptions, fields_of, without_none

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

T = TypeVar("T")
_PREFIX = "tag:yaml.org,2002:"
_MAX_DEPTH = 60
_MAX_VALUES = 1_000_000
_GO_FLOAT = re.compile(r"[-+]?[0-9]*\.?[0-9]+[eE][0-9]+")
_BAD: Any = object()  # in place of a value that was refused
_WANTED = {
    str: ("string", 'write a text such as "…"'),
    int: ("int", "write a whole number without quotes"),
    Uint: ("uint", "write a whole number without quotes"),
    float: ("float", "write a number without quotes"),
    bool: ("bool", "write true or false without quotes"),
    list: ("list", "write one `- item` per line, or [a, b]"),
    dict: ("map", "write `key: value` lines"),
}
_TAGGED: dict[Any, tuple[tuple[str, ...], Callable[[str], Any]]] = {
    bool: (("bool",), parse_bool),
    int: (("int",), parse_int),
    Uint: (("int",), parse_uint),
    float: (("int", "float"), parse_float),
}


class Decoder:
    """One pass over one tree."""

    def __init__(self, report: Report, variables: Mapping[str, str] | None) -> None:
        self._report = report
        self._variables = variables
        self._literal = 0
        self._depth = 0
        self._count = 0

    def root(self, cls: type[T], node: yaml.Node) -> T | None:
        """The section or list a document holds; a null document holds an empty one."""
        if _is_null(node):
            is_list = typing.get_origin(cls) in {list, tuple}
            empty = yaml.SequenceNode if is_list else yaml.MappingNode
            tag = _PREFIX + ("seq" if is_list else "map")
            node = empty(tag, [], node.start_mark, node.end_mark)
        value = self._value(cls, node, "")
        return None if value is _BAD else value

    def _section(self, cls: Any, node: yaml.Node, path: str) -> Any:
        """A section from a mapping; `_BAD` when a required key has no value."""
        if not isinstance(node, yaml.MappingNode):
            return self._wrong_kind(node, path, dict)
        fields = fields_of(cls)
        values: dict[str, Any] = {}
        spoilt = False
        for name, key, inner in self._pairs(node, path):
            field = fields.get(name)
            if field is None:
                self._unknown_key(key, join(path, name), list(fields))
                continue
            value = self._field(field, key, inner, path=join(path, name))
            spoilt = spoilt or value is _BAD
            if value is not _BAD and value is not None:
                values[field.attribute] = value
        missing = [f for f in fields.values() if f.is_required and f.attribute not in values]
        for field in missing:
            if not spoilt:
                self._error(node, path, f"{field.name} is missing", "missing-key")
        if missing:
            return _BAD
        built = cls(**values)
        self._report.register(built, node, path, spoilt=spoilt)
        if hasattr(built, "check"):
            built.check(self._report)
        return built

    def _field(self, field: Field, key: yaml.Node, node: yaml.Node, *, path: str) -> Any:
        """The value of a key; None when it is absent for all purposes."""
        options = field.options
        if _is_null(node):
            if options.null_is_empty:
                node = yaml.MappingNode(_PREFIX + "map", [], node.start_mark, node.end_mark)
            else:
                return None
        if options.unavailable:
            message = f"not available yet: {field.name} is accepted and has no effect"
            severity = Severity.WARNING
            self._report.add(key, path, message, code="not-available", severity=severity)
        self._literal += options.literal
        if options.kind_hint and isinstance(node, yaml.MappingNode):
            value = self._mapping(field.type, node, path, outer=(key, options))
        elif options.single and isinstance(node, yaml.ScalarNode):
            value = self._value(typing.get_args(field.type)[0], node, path)
            value = value if value is _BAD else (value,)
        else:
            value = self._value(field.type, node, path)
        self._literal -= options.literal
        return value

    def _value(self, wanted: Any, node: yaml.Node, path: str) -> Any:
        """A value of the wanted type, or `_BAD` after an error was reported."""
        self._count += 1
        if self._depth > _MAX_DEPTH or self._count > _MAX_VALUES:
            if self._count <= _MAX_VALUES + 1:
                self._error(node, path, "nested too deeply, or far too many values", "too-large")
            return _BAD
        self._depth += 1
        try:
            return self._dispatch(wanted, node, path)
        finally:
            self._depth -= 1

    def _dispatch(self, wanted: Any, node: yaml.Node, path: str) -> Any:
        wanted = without_none(wanted)
        origin = typing.get_origin(wanted)
        if wanted is Any or wanted is object:
            return self._plain(node, path)
        if origin in {list, tuple}:
            return self._sequence(wanted, node, path)
        if origin is dict:
            return self._mapping(wanted, node, path)
        is_short = hasattr(wanted, "from_text") and not (
            isinstance(node, yaml.MappingNode) and getattr(wanted, "has_short_form", False)
        )
        if hasattr(wanted, "__dataclass_fields__") and not is_short:
            return self._section(wanted, node, path)
        if not isinstance(node, yaml.ScalarNode):
            return self._wrong_kind(node, path, wanted)
        return self._scalar(wanted, node, path)

    def _sequence(self, wanted: Any, node: yaml.Node, path: str) -> Any:
        """A tuple or list; refused items are left out after they were reported."""
        if not isinstance(node, yaml.SequenceNode):
            return self._wrong_kind(node, path, list)
        item_type = typing.get_args(wanted)[0]
        values = []
        for index, item in enumerate(node.value):
            at = join(path, index)
            if _is_null(item) and item_type is not str:
                self._error(item, at, "empty or null item in a list", "bad-value")
                continue
            value = "" if _is_null(item) else self._value(item_type, item, at)
            if value is not _BAD:
                values.append(value)
        return tuple(values) if typing.get_origin(wanted) is tuple else values

    def _mapping(
        self,
        wanted: Any,
        node: yaml.Node,
        path: str,
        *,
        outer: tuple[yaml.Node, KeyOptions] | None = None,
    ) -> Any:
        """A dict with free keys; `outer`, the key above, may explain entries of the wrong kind."""
        if not isinstance(node, yaml.MappingNode):
            return self._wrong_kind(node, path, dict)
        key_type, value_type = typing.get_args(wanted)
        values: dict[Any, Any] = {}
        for name, key, inner in self._pairs(node, path):
            at = join(path, name)
            known = name if key_type is str else self._value(key_type, key, at)
            if _is_null(inner):
                value: Any = "" if value_type is str else None
            elif outer and outer[1].kind_hint and not isinstance(inner, yaml.ScalarNode):
                indent = key.start_mark.column - outer[0].start_mark.column
                hint = outer[1].kind_hint(name, indent)
                value = self._wrong_kind(inner, at, value_type, hint=hint, place=key)
            else:
                value = self._value(value_type, inner, at)
            if known is not _BAD and value is not _BAD:
                values[known] = value
        return values

    def _scalar(self, wanted: Any, node: yaml.ScalarNode, path: str) -> Any:
        expanded = self._expanded(node, path)
        if expanded is None:
            return _BAD
        text, tag = expanded
        convert: Callable[[str], Any] = str
        if wanted in _TAGGED:
            tags, convert = _TAGGED[wanted]
            if tag not in tags and not _is_for_go(wanted, node, text):
                return self._wrong_kind(node, path, wanted, tag=tag)
        elif wanted is pathlib.Path:
            convert = pathlib.Path
        elif hasattr(wanted, "from_text"):
            convert = wanted.from_text
        elif isinstance(wanted, type) and issubclass(wanted, Enum):
            convert = functools.partial(parse_choice, wanted)
        try:
            return convert(text)
        except ApplianceError as error:
            return self._error(node, path, error.message, "bad-value")

    def _expanded(self, node: yaml.ScalarNode, path: str) -> tuple[str, str] | None:
        """A scalar's text with variables put in, and the tag that text has; None after an error."""
        text, tag = str(node.value), str(node.tag).removeprefix(_PREFIX)
        if self._variables is None or self._literal or isinstance(node, LiteralNode):
            return text, tag
        try:
            result = expand(text, self._variables)
        except UnsetVariable as error:
            name = error.name
            hint = f"set {name} in the environment or in .env, or write ${{{name}:-default}}"
            self._error(node, path, error.message, "unset-variable", hint=hint)
            return None
        if result != text and not node.style:
            tag = resolved_tag(result).removeprefix(_PREFIX)
        return result, tag

    def _plain(self, node: yaml.Node, path: str) -> Any:
        """Python's own types, for sections that are kept without being understood."""
        if isinstance(node, yaml.SequenceNode):
            return [self._value(Any, item, join(path, i)) for i, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            pairs = self._pairs(node, path)
            return {name: self._value(Any, inner, join(path, name)) for name, _, inner in pairs}
        if _is_null(node) or not isinstance(node, yaml.ScalarNode):
            return None
        expanded = self._expanded(node, path)
        if expanded is None:
            return _BAD
        text, tag = expanded
        convert = {"bool": parse_bool, "int": parse_int, "float": parse_float}.get(tag, str)
        try:
            return convert(text)
        except ApplianceError:  # YAML 1.1 takes 12:30 for a number in base 60; nobody means that
            return text

    def _pairs(self, node: yaml.MappingNode, path: str) -> Iterator[tuple[str, Any, Any]]:
        """Keys and values, merge keys (`<<`) resolved; of two equal keys the second is an error."""
        seen: dict[str, yaml.Node] = {}
        merged: list[tuple[yaml.Node, yaml.Node]] = []
        for key, inner in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._error(key, path, "a key is a plain text", "wrong-kind")
            elif key.tag == _PREFIX + "merge":
                merged += _merge_sources(inner)
            elif key.value in seen:
                first = seen[key.value].start_mark.line + 1
                hint = f"it was already set in line {first}"
                message = f"key {key.value!r} is there twice"
                self._error(key, join(path, key.value), message, "duplicate-key", hint=hint)
            else:
                seen[key.value] = key
                yield key.value, key, inner
        for key, inner in merged:
            if key.value not in seen:
                seen[key.value] = key
                yield key.value, key, inner

    def _unknown_key(self, key: yaml.Node, path: str, known: list[str]) -> None:
        close = difflib.get_close_matches(key.value, known, n=1, cutoff=0.6)
        hint = f"did you mean {close[0]!r}?" if close else "known keys: " + ", ".join(sorted(known))
        self._error(key, path, f"unknown key {key.value!r}", "unknown-key", hint=hint)

    def _wrong_kind(
        self,
        node: yaml.Node,
        path: str,
        wanted: Any,
        *,
        hint: str = "",
        tag: str = "",
        place: yaml.Node | None = None,
    ) -> Any:
        kind, right = _WANTED.get(wanted, _WANTED[str])
        given = "!!" + (tag or str(node.tag).removeprefix(_PREFIX))
        if isinstance(node, yaml.ScalarNode) and wanted in _WANTED:
            given += f" `{node.value[:40]}`"
        message = f"cannot unmarshal {given} into {kind}"
        return self._error(place or node, path, message, "wrong-kind", hint=hint or right)

    def _error(self, node: yaml.Node, path: str, message: str, code: str, *, hint: str = "") -> Any:
        self._report.add(node, path, message, code=code, hint=hint)
        return _BAD


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and bool(node.tag == _PREFIX + "null")


def _is_for_go(wanted: Any, node: yaml.ScalarNode, text: str) -> bool:
    """Whether go-yaml reads the kind wanted where PyYAML sees a text: `1.5e3`, `y`."""
    if node.style:
        return False
    if wanted is float:
        return bool(_GO_FLOAT.fullmatch(text))
    return wanted is bool and text in {"y", "Y", "n", "N"}


def _merge_sources(node: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
    """The pairs that `<<: *name` or `<<: [*a, *b]` brings in, nested merges included."""
    sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
    pairs: list[tuple[yaml.Node, yaml.Node]] = []
    for source in sources:
        if isinstance(source, yaml.MappingNode):
            for key, inner in source.value:
                is_merge = key.tag == _PREFIX + "merge"
                pairs += _merge_sources(inner) if is_merge else [(key, inner)]
    return pairs
