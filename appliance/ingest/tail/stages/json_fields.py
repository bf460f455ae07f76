"""The json stage: JMESPath expressions over the line (promtail, stages/json.go).

Plain paths (`a`, `a.b`, `"a-b".c`) are looked up directly; the rest goes to the jmespath library.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from appliance.base.errors import BadInput
from appliance.ingest.tail.stages.values import input_of
from appliance.wire.json_text import without_halves

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.ingest.tail.entry import Entry
    from appliance.ingest.tail.stage_config import JsonStage

_PART = r'(?:[A-Za-z_][A-Za-z0-9_]*|"[^"\\]+")'
_PLAIN = re.compile(rf"{_PART}(?:\.{_PART})*")
_PARTS = re.compile(_PART)
_ESCAPED = {b"<": b"\\u003c", b">": b"\\u003e", b"&": b"\\u0026"}


class JsonFields:
    """The stage at work.

    Raises:
        BadInput: An expression is no JMESPath.
    """

    def __init__(self, config: JsonStage) -> None:
        self._source = config.source
        self._drops = config.drop_malformed
        self._keys: list[tuple[str, str]] = []
        self._paths: list[tuple[str, Callable[[dict[str, Any]], Any]]] = []
        for name, expression in config.expressions.items():
            path = expression or name
            if not _PLAIN.fullmatch(path):
                self._paths.append((name, searcher(path)))
            elif len(parts := [part.strip('"') for part in _PARTS.findall(path)]) == 1:
                self._keys.append((name, parts[0]))
            else:
                self._paths.append((name, _nested(parts)))

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Extract values; entries that are no JSON objects may be dropped."""
        kept = entries if not self._drops else []
        for entry in entries:
            text = input_of(entry, self._source)
            is_fine = text is None or self._extract(entry.extracted, text)
            if self._drops and is_fine:
                kept.append(entry)
        return kept

    def _extract(self, extracted: dict[str, Any], text: str) -> bool:
        data = parse_object(text)
        if data is None:
            return False
        for name, key in self._keys:
            value = data.get(key)
            extracted[name] = value if type(value) is str else extracted_value(value)
        for name, search in self._paths:
            try:
                value = search(data)
            except ValueError:  # a function of JMESPath was given what it does not take
                continue
            extracted[name] = extracted_value(value)
        return True


def searcher(path: str) -> Callable[[dict[str, Any]], Any]:
    """A JMESPath expression as a function.

    Raises:
        BadInput: It is none.
    """
    import jmespath  # noqa: PLC0415 - most configurations have plain paths only
    from jmespath.exceptions import JMESPathError  # noqa: PLC0415

    try:
        compiled = jmespath.compile(path)
    except JMESPathError as error:
        reason = str(error).splitlines()[0]
        raise BadInput(f"could not compile JMES expression {path!r}: {reason}") from error
    search: Callable[[dict[str, Any]], Any] = compiled.search
    return search


def _nested(keys: list[str]) -> Callable[[dict[str, Any]], Any]:
    def search(data: dict[str, Any]) -> Any:
        found: Any = data
        for key in keys:
            if not isinstance(found, dict):
                return None
            found = found.get(key)
        return found

    return search


def parse_object(text: str) -> dict[str, Any] | None:
    """A JSON object, `null` being an empty one; None for anything else."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = _lenient(text) if "\\u" in text else False
    if type(found) is dict:
        return found
    return {} if found is None else None


def _lenient(text: str) -> Any:
    """JSON with halves of surrogate pairs."""
    try:
        return orjson.loads(without_halves(text))
    except orjson.JSONDecodeError:
        return False


def extracted_value(value: Any) -> Any:
    """A value of JSON as promtail keeps it: arrays and objects are JSON again."""
    if isinstance(value, dict | list):
        return compact_json(value)
    return value


def compact_json(value: Any) -> str:
    """JSON without blanks, in which `<`, `>` and `&` are escaped as Go does."""
    data = orjson.dumps(value)
    for char, escaped in _ESCAPED.items():
        data = data.replace(char, escaped)
    return data.decode()
