"""Corrections of findings: a function for each kind that has only one sensible correction.

Each takes a finding and the text it is about, and gives edits; none when the text is not as
expected. Checking the file again says what is left.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from appliance.diagnosis.edits import Edit, Source, apply, key_of, last_line
from appliance.diagnosis.environment import OTLP_BASE
from appliance.diagnosis.promtail import COMBINED, misread
from appliance.diagnosis.runbook import queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from appliance.config.problem import Problem

_NESTED_PATH = re.compile(
    r"(groups\[\d+\]\.rules\[\d+\])\.(annotations|labels)\.(annotations|labels)"
)
_SPLIT_FILTER = re.compile(r"([|!])[ \t]+([=~])(?=\s*[\"`])")
_ACTION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_OPENING = re.compile(r"\{\{-?\s*(range|with|define|block|if)\b")
_CLOSING = re.compile(r"\{\{-?\s*end\s*-?\}\}")
_ALERT_FIELD = re.compile(r"(?<![\w$)])\.(Annotations|Labels)\b")
_DOCKER_FIELDS = ("time", "log")
_JOB_PATH = re.compile(r"scrape_configs\[\d+\]")
#: Groups of the expression that takes the combined format apart.
_COMBINED_GROUPS = frozenset(["ip", "method", "path", "status"])


def fixed(file: str, text: str, problems: Iterable[Problem]) -> str:
    """A text with everything corrected that can be."""
    source = Source.of(file, text)
    edits = [
        edit
        for problem in problems
        if problem.file == file
        for fix in _FIXES.get(problem.code, ())
        for edit in fix(problem, source)
    ]
    return apply(text, edits)


def _move_up(problem: Problem, source: Source) -> list[Edit]:
    """A key of the rule that stands within its annotations or labels goes behind them."""
    match = _NESTED_PATH.fullmatch(problem.path)
    if match is None:
        return []
    rule, name = source.node(match[1]), match[3]
    outer = key_of(rule, match[2])
    inner = key_of(outer[1], name) if outer else None
    if outer is None or inner is None or key_of(rule, name) or not _is_block(outer[1], rule):
        return []
    (outer_key, mapping), (key, value) = outer, inner
    columns = key.start_mark.column - outer_key.start_mark.column
    first, last, end = key.start_mark.line, last_line(value), last_line(mapping)
    block = source.lines(first, last)
    moved = re.sub(rf"^ {{{columns}}}", "", block, flags=re.MULTILINE)
    if end == last:
        return [Edit(source.starts[first], source.starts[first] + len(block), moved)]
    cut = Edit(source.starts[first], source.starts[first] + len(block), "")
    return [cut, source.inserted(end + 1, moved)]


def _is_block(*nodes: yaml.Node | None) -> bool:
    """Whether mappings or lists are written line by line, not in braces."""
    return all(isinstance(node, yaml.CollectionNode) and not node.flow_style for node in nodes)


def _use_common_fields(problem: Problem, source: Source) -> list[Edit]:
    """Fields of alerts in the template of a notification become those all its alerts share."""
    node = source.node(problem.path)
    if not isinstance(node, yaml.ScalarNode):
        return []
    blocks: list[str] = []
    parts: list[str] = []
    at, raw = 0, source.raw(node)
    for action in _ACTION.finditer(raw):
        text = action[0]
        if not any(block != "if" for block in blocks):
            text = _ALERT_FIELD.sub(r".Common\1", text)
        parts += [raw[at : action.start()], text]
        at = action.end()
        if opening := _OPENING.match(action[0]):
            blocks.append(opening[1])
        elif _CLOSING.match(action[0]) and blocks:
            blocks.pop()
    return [source.replaced(node, "".join([*parts, raw[at:]]))]


def _drop_leading_dot(problem: Problem, source: Source) -> list[Edit]:
    """`.time` is jq; JMESPath says `time`."""
    node = source.node(problem.path)
    if "JMESPath" not in problem.message or not isinstance(node, yaml.ScalarNode):
        return []
    path = str(node.value).lstrip(".") or "@"
    return [source.replaced(node, source.raw(node).replace(str(node.value), path, 1))]


def _unwrap_docker(problem: Problem, source: Source) -> list[Edit]:
    """Docker's JSON gives line and time: behind the stage that reads it, or by `docker`."""
    stages = source.node(problem.path)
    if not isinstance(stages, yaml.SequenceNode) or not _is_block(stages) or not stages.value:
        return []
    indent = re.match(r"[ \t]*", source.lines(*[stages.value[0].start_mark.line] * 2))
    lead = indent[0] if indent else ""
    for stage in stages.value:
        json = key_of(stage, "json")
        expressions = key_of(json[1], "expressions") if json else None
        names = _names_by_path(expressions[1]) if expressions else {}
        if all(field in names for field in _DOCKER_FIELDS):
            time, line = (names[field] for field in _DOCKER_FIELDS)
            text = (
                f"{lead}- timestamp:\n{lead}    source: {time}\n{lead}    format: RFC3339Nano\n"
                f"{lead}- output:\n{lead}    source: {line}\n"
            )
            return [source.inserted(last_line(stage) + 1, text)]
    return [source.inserted(stages.value[0].start_mark.line, f"{lead}- docker: {{}}\n")]


def _names_by_path(expressions: yaml.Node) -> dict[str, str]:
    pairs = expressions.value if isinstance(expressions, yaml.MappingNode) else []
    return {str(value.value).lstrip(".") or str(key.value): str(key.value) for key, value in pairs}


def _read_combined_format(problem: Problem, source: Source) -> list[Edit]:
    """The expression for nginx's usual lines, if its groups are those of the one that is there."""
    for node in _scalars(source.root):
        if node.start_mark.line + 1 != problem.line or node.value == "expression":
            continue
        groups = set(re.findall(r"\(\?P?<(\w+)>", str(node.value)))
        if groups and groups <= _COMBINED_GROUPS and misread(str(node.value)):
            return [source.replaced(node, f"'{COMBINED}'")]
    return []


def _join_filter(problem: Problem, source: Source) -> list[Edit]:
    """`| =` and `! =` are written in one."""
    node = source.node(problem.path) if problem.path else None
    if isinstance(node, yaml.ScalarNode):
        return [source.replaced(node, _SPLIT_FILTER.sub(r"\1\2", source.raw(node)))]
    return [
        Edit(fence.start, fence.start + len(fence.text), _SPLIT_FILTER.sub(r"\1\2", fence.text))
        for fence in queries(source.text)
        if fence.language == "logql" and fence.line == problem.line
    ]


def _drop_otlp_path(problem: Problem, source: Source) -> list[Edit]:
    """SDKs add the path themselves."""
    start = source.starts[problem.line - 1]
    match = OTLP_BASE.search(source.lines(problem.line - 1, problem.line - 1))
    return [Edit(start + match.start(2), start + match.end(2), "")] if match else []


def _scalars(node: yaml.Node | None) -> Iterable[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif node is not None:
        for item in node.value:
            for part in item if isinstance(item, tuple) else (item,):
                yield from _scalars(part)


_FIXES: dict[str, tuple[Callable[[Problem, Source], list[Edit]], ...]] = {
    "wrong-kind": (_move_up,),
    "template": (_use_common_fields,),
    "bad-value": (_drop_leading_dot,),
    "docker-json": (_unwrap_docker,),
    "log-format": (_read_combined_format,),
    "logql": (_join_filter,),
    "otlp-path": (_drop_otlp_path,),
}
