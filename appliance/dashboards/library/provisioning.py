"""Grafana's provisioning directory, read as it is: providers of dashboards, and data sources.

Grafana documentation, "Provision Grafana". Paths of containers that do not exist here are looked
for beside the directory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from appliance.config.document import compose, position, read
from appliance.config.problem import Problem, Severity
from appliance.dashboards.datasources import Provisioned
from appliance.dashboards.loose import flag, mapping, mappings, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_VARIABLE = re.compile(r"\$__env\{(\w+)\}|\$\{(\w+)\}|\$(\w+)")
#: Folders of the directory that have files about dashboards and data sources.
_FOLDERS = ("", "dashboards", "datasources")
_MOST_FILES = 200


@dataclass(frozen=True, slots=True)
class Provider:
    """Where dashboards of a provider are; `by_folders`: the file's folder names theirs."""

    path: Path
    folder: str = ""
    by_folders: bool = False


@dataclass(frozen=True, slots=True)
class Provisioning:
    """What a directory says."""

    providers: tuple[Provider, ...] = ()
    datasources: tuple[Provisioned, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_provisioning(directory: Path, variables: Mapping[str, str]) -> Provisioning:
    """Read all files of a provisioning directory; a broken one hinders no other.

    Args:
        variables: What `$NAME`, `${NAME}` and `$__env{NAME}` stand for.
    """
    if not directory.is_dir():
        message = "there is no such directory"
        return Provisioning(problems=(Problem(str(directory), 0, 0, "", message, "unreadable"),))
    providers: list[Provider] = []
    sources: list[Provisioned] = []
    problems: list[Problem] = []
    for file in _files(directory):
        document, node, wrong = _load(file)
        problems += wrong
        sources += [_source(one) for one in mappings(document.get("datasources"))]
        for index, item in enumerate(mappings(document.get("providers"))):
            found, problem = _provider(item, file, directory, variables)
            if problem:
                problems.append(_at(problem, file, _place(node, index)))
            if found is not None:
                providers.append(found)
    return Provisioning(tuple(providers), tuple(sources), tuple(problems))


def check_file(file: Path, directory: Path, variables: Mapping[str, str]) -> list[Problem]:
    """What is wrong with one file of a provisioning directory."""
    document, node, problems = _load(file)
    for index, item in enumerate(mappings(document.get("providers"))):
        _, problem = _provider(item, file, directory, variables)
        if problem:
            problems.append(_at(problem, file, _place(node, index)))
    return problems


def _files(directory: Path) -> list[Path]:
    found = [
        path
        for name in _FOLDERS
        for path in sorted((directory / name).glob("*.y*ml"))
        if path.suffix in {".yml", ".yaml"} and path.is_file()
    ]
    return found[:_MOST_FILES]


def _load(file: Path) -> tuple[dict[str, Any], yaml.Node | None, list[Problem]]:
    data, problems = read(file)
    if problems:
        return {}, None, problems
    node, problems = compose(data, str(file))
    if node is None:
        return {}, None, problems
    try:
        document = yaml.constructor.SafeConstructor().construct_document(node)
    except (yaml.MarkedYAMLError, ValueError) as error:
        problem = Problem(str(file), 1, 1, "", f"cannot be read: {error}", "yaml-syntax")
        return {}, node, [problem]
    return mapping(document), node, problems


def _source(item: dict[str, Any]) -> Provisioned:
    name = text(item.get("name"))
    return Provisioned(
        name=name,
        uid=text(item.get("uid")) or name,
        type=text(item.get("type")),
        is_default=flag(item.get("isDefault")),
    )


def _provider(
    item: dict[str, Any], file: Path, directory: Path, variables: Mapping[str, str]
) -> tuple[Provider | None, str]:
    """A provider, and what is wrong with it; None when it has no dashboards here."""
    kind = text(item.get("type"), "file")
    if kind != "file":
        return None, f"dashboards of a provider of type {kind!r} are not read; only of `file`"
    options = mapping(item.get("options"))
    written = _expanded(text(options.get("path")) or text(options.get("folder")), variables)
    if not written:
        return None, "the provider names no path: write `options: {path: …}`"
    found = next(_candidates(written, file, directory), None)
    if found is None:
        return None, f"{written!r} does not exist here, and nothing like it beside {directory}"
    provider = Provider(
        found, text(item.get("folder")), flag(options.get("foldersFromFilesStructure"))
    )
    is_other = found != Path(written) and found != directory.parent / written
    return provider, f"{written!r} does not exist here; {found} is read instead" * is_other


def _candidates(written: str, file: Path, directory: Path) -> Iterator[Path]:
    """Where a path may be, the likeliest first; only what exists."""
    path = Path(written)
    parts = [part for part in path.parts if part not in {path.anchor, ".."}]
    tail = parts[parts.index("provisioning") + 1 :] if "provisioning" in parts else None
    base = directory.resolve().parent
    tried = [path] if path.is_absolute() else [directory.parent / path, file.parent / path]
    if tail is not None:
        tried.append(directory.joinpath(*tail))
    tried += [base.joinpath(*parts[-2:]), base.joinpath(*parts[-1:]), base / "dashboards"]
    yield from (one for one in tried if one.exists())
    if any(file.parent.glob("*.json")):
        yield file.parent


def _expanded(written: str, variables: Mapping[str, str]) -> str:
    def replace(match: re.Match[str]) -> str:
        name = match[1] or match[2] or match[3]
        return variables.get(name, match[0])

    return _VARIABLE.sub(replace, written)


def _place(node: yaml.Node | None, index: int) -> tuple[int, int]:
    """Line and column of a provider."""
    pairs: list[tuple[Any, yaml.Node]] = node.value if isinstance(node, yaml.MappingNode) else []
    items = next((value for key, value in pairs if key.value == "providers"), None)
    nodes = [one for one in items.value if isinstance(one, yaml.MappingNode)] if items else []
    if index >= len(nodes):
        return 1, 1
    found = position(nodes[index])
    return found.line, found.column


def _at(message: str, file: Path, place: tuple[int, int]) -> Problem:
    return Problem(str(file), *place, "", message, "provisioning", Severity.WARNING)
