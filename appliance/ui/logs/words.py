"""What people type into the query field of the logs page as LogQL, and what shared links ask for.

`web/src/data/log_words.ts` says the same in the browser; `web/src/data/log_words.cases.json` holds
for both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.correlate.trace_logs import id_forms
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

#: Labels that nearly every stream has, the best one to select all streams by first.
_COMMON = ("service_name", "job", "app", "container", "namespace", "host", "filename")
_ENVIRONMENTS = ("env", "environment", "deployment_environment", "deployment_environment_name")
#: A function or an aggregation, or a query in parentheses.
_METRIC = re.compile(r"[a-z_]*\s*(?:(?:by|without)\s*\([^)]*\)\s*)?\(.*\{", re.DOTALL)
_STAGE = re.compile(r"\||!=|!~|!>")
_WORD = re.compile(r'(-?)(?:"((?:[^"\\]|\\.)*)"?|(\S+))', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_TRACE_ID = re.compile(r"[0-9a-fA-F]{1,32}")


def usual_selector(names: Collection[str]) -> str:
    """What selects every stream, or as many as one label can.

    Args:
        names: Labels of the streams that are stored.
    """
    found = [name for name in (*_COMMON, *sorted(names)) if name in names]
    return f'{{{found[0] if found else _COMMON[0]}=~".+"}}'


def is_words(text: str) -> bool:
    """Whether an input is plain words, not LogQL."""
    trimmed = text.strip()
    if not trimmed or trimmed[0] in "{#" or _STAGE.match(trimmed):
        return False
    return _METRIC.match(trimmed) is None


def to_logql(text: str, selector: str) -> str:
    """An input as LogQL: `error -"card declined"` filters lines, `| json` is put behind a selector.

    Args:
        selector: Selects all streams.
    """
    trimmed = text.strip()
    if not trimmed:
        return selector
    if _STAGE.match(trimmed):
        return f"{selector} {trimmed}"
    if not is_words(trimmed):
        return trimmed
    filters = []
    for minus, phrase, word in _WORD.findall(trimmed):
        wanted = _ESCAPED.sub(r"\1", phrase) or word
        if wanted:
            filters.append(f" {'!=' if minus else '|='} {literal(wanted)}")
    return selector + "".join(filters)


def literal(text: str) -> str:
    """A string in LogQL, in backquotes where that saves escapes."""
    is_plain = "`" not in text and "\n" not in text and "\r" not in text
    return f"`{text}`" if is_plain and ('"' in text or "\\" in text) else quote(text)


def shared_query(given: Mapping[str, str], matchers: Sequence[str], names: Collection[str]) -> str:
    """The query that a link asks for: `q`, or `svc`, `env`, `level`, `trace` and matchers.

    Args:
        matchers: As in `m=app="shop"`.
        names: Labels of the streams that are stored.

    Returns:
        The empty string when the link asks for nothing.
    """
    text = given.get("q") or given.get("query") or given.get("expr") or ""
    chosen = [one.strip().strip("{}") for one in matchers if one.strip()]
    if given.get("svc"):
        chosen.append(f"service_name={literal(given['svc'])}")
    if given.get("env"):
        label = next((name for name in _ENVIRONMENTS if name in names), _ENVIRONMENTS[0])
        chosen.append(f"{label}={literal(given['env'])}")
    level, trace = given.get("level", ""), given.get("trace", "")
    if not (chosen or level or trace):
        return text
    selector = f"{{{', '.join(chosen)}}}" if chosen else usual_selector(names)
    if text:
        selector = to_logql(text, selector)
    if level:
        selector += f" | detected_level={literal(level)}"
    return selector + (_of_trace(trace) if trace else "")


def _of_trace(trace: str) -> str:
    """Entries with the id in the line or in the metadata `trace_id`.

    A filter of lines passes over metadata, so the line is looked at by a label's template.
    """
    if not _TRACE_ID.fullmatch(trace):
        return f" |= {literal(trace)}"
    forms = id_forms(bytes.fromhex(trace.lower().zfill(32)))
    in_line = f'{{{{ contains "{forms[-1]}" __line__ }}}}'
    named = " or ".join(f"trace_id=`{form}`" for form in forms)
    return (
        f" | label_format trace_id_in_line=`{in_line}` | trace_id_in_line=`true` or {named}"
        " | drop trace_id_in_line"
    )
