"""Slips in template files and in the texts of receivers, as findings with their places."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Protocol

from appliance.base.errors import BadInput
from appliance.config.problem import Problem, Severity
from appliance.notify.template.lint import lint_definitions, parse_slip, slips
from appliance.notify.template.templates import NotificationTemplates
from appliance.notify.template_lint import find_alert_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from appliance.notify.receiver import Receiver
    from appliance.notify.template.walk import Slip

#: What holds no templates.
_PLAIN = frozenset({"http_config", "tls_config", "sigv4"})
_CODE = "template"


class Origins(Protocol):
    """Knows where sections were written; a `config.report.Report`."""

    def origin(self, value: object, path: tuple[str | int, ...] = ()) -> tuple[str, int, int]:
        """File, line and column, both from 1, of something in a section."""
        ...

    def path_of(self, value: object) -> str:
        """Where in the structure a section stands."""
        ...


def file_problems(
    files: Sequence[Path], *, judges_definitions: bool = True
) -> tuple[NotificationTemplates, list[Problem]]:
    """What is wrong with template files.

    Args:
        judges_definitions: Also look for slips in what they define; not needed where the texts
            that call the definitions are judged.

    Returns:
        The templates of the files that can be parsed, and the findings.
    """
    found: list[Problem] = []
    good: list[Path] = []
    for file in files:
        try:
            NotificationTemplates([file])
            good.append(file)
        except BadInput as error:
            found.append(_parse_problem(file, error.message))
    templates = NotificationTemplates(good)
    if judges_definitions:
        paths = {file.name: file for file in good}
        slips = lint_definitions(templates)
        found += [_definition_problem(slip, paths) for slip in slips if slip.source in paths]
    return templates, found


def receiver_problems(
    receivers: Sequence[Receiver], files: Sequence[Path], origins: Origins
) -> list[Problem]:
    """What is wrong with the texts of receivers and with the definitions that they call."""
    templates, found = file_problems(files, judges_definitions=False)
    paths = {file.name: file for file in files}
    seen: set[Slip] = set()
    for receiver in receivers:
        for section, path, text, kind in _texts(receiver):
            known = find_alert_fields(text)  # told when the file was read
            for slip in slips(text, templates=templates, kind=kind):
                if slip.source in paths:
                    found += [] if slip in seen else [_definition_problem(slip, paths)]
                    seen.add(slip)
                elif not any(slip.message.startswith(f".{name} is not") for name in known):
                    found.append(_text_problem(slip, (section, path), origins))
    return found


def _texts(section: Any) -> Iterator[tuple[object, tuple[str | int, ...], str, str]]:
    """Templates in a section and in those below it: the section, the path, the text, its kind."""
    for field in dataclasses.fields(section):
        if field.name in _PLAIN:
            continue
        value = getattr(section, field.name)
        name = field.name.rstrip("_")
        if isinstance(value, str) and type(value) is str:
            if "{{" in value:
                yield section, (name,), value, _kind(section, field.name)
        elif isinstance(value, dict | tuple | list):
            yield from _inner(section, (name,), value)
        elif dataclasses.is_dataclass(value):
            yield from _texts(value)


def _inner(
    section: object, path: tuple[str | int, ...], value: Any
) -> Iterator[tuple[object, tuple[str | int, ...], str, str]]:
    match value:
        case str():
            if "{{" in value:
                yield section, path, value, "text"
        case dict():
            for key, item in value.items():
                yield from _inner(section, (*path, str(key)), item)
        case list() | tuple():
            for index, item in enumerate(value):
                yield from _inner(section, (*path, index), item)
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            yield from _texts(value)


def _kind(section: object, name: str) -> str:
    """Whether a text is taken for HTML."""
    is_html = (
        (name == "html" and isinstance(getattr(section, "html", None), str))
        or (name == "message" and getattr(section, "parse_mode", "") == "HTML")
        or (name == "message" and getattr(section, "html", False) is True)
    )
    return "html" if is_html else "text"


def _parse_problem(file: Path, message: str) -> Problem:
    slip = parse_slip("template: " + message.replace(f"{file}:", f"{file.name}:", 1))
    is_placed = slip.line > 0
    text = slip.message if is_placed else message
    return Problem(str(file), slip.line, 1 if is_placed else 0, "", text, _CODE)


def _definition_problem(slip: Slip, paths: dict[str, Path]) -> Problem:
    return Problem(
        str(paths[slip.source]),
        slip.line,
        slip.column + 1,
        "",
        slip.message,
        _CODE,
        Severity.WARNING,
    )


def _text_problem(
    slip: Slip, where: tuple[object, tuple[str | int, ...]], origins: Origins
) -> Problem:
    section, path = where
    file, line, column = origins.origin(section, path)
    within = origins.path_of(section)
    for step in path:
        within += f"[{step}]" if isinstance(step, int) else f".{step}"
    place = f" (line {slip.line}, column {slip.column + 1} of the text)" if slip.line else ""
    return Problem(file, line, column, within, slip.message + place, _CODE, Severity.WARNING)
