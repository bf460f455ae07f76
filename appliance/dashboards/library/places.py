"""Where files of dashboards are, and which there are: bounded, in the order in which they count."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.config.document import matching_files
from appliance.config.problem import Problem, Severity
from appliance.dashboards.library.provisioning import read_provisioning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from appliance.dashboards.datasources import Provisioned

#: Files that are looked at, whatever the configuration names.
MOST_FILES = 2_000
_MOST_ENTRIES = 50_000
#: The folder of dashboards that people put here.
IMPORTED = "Imported"
_PACKAGE = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of the product's own: of a pack, or of what is shipped.

    Attributes:
        change: Puts a site's names into a file's text; None leaves it as it is.
    """

    path: Path
    folder: str
    change: Callable[[str], str] | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """All that the configuration says about dashboards.

    Attributes:
        own: Where dashboards are kept that people put here; None: nowhere.
        shelves: Their dashboards give way to those of other places with the same uid.
    """

    patterns: tuple[str, ...] = ()
    provisioning: Path | None = None
    shelves: tuple[Shelf, ...] = ()
    own: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Origin:
    """A file, and how its dashboard is filed."""

    file: Path
    folder: str
    removable: bool = False
    shelf: Shelf | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in all places."""

    origins: tuple[Origin, ...] = ()
    datasources: tuple[Provisioned, ...] = ()
    problems: tuple[Problem, ...] = ()


def shipped_folder() -> Path:
    """Where shipped dashboards are: in the package when installed, beside it in a checkout."""
    installed = _PACKAGE / "data" / "dashboards"
    return installed if installed.is_dir() else _PACKAGE.parent / "data" / "dashboards"


def find_files(places: Places) -> Found:
    """All files, each once."""
    provisioned = (
        read_provisioning(places.provisioning, places.variables) if (places.provisioning) else None
    )
    problems = list(provisioned.problems) if provisioned else []
    found: dict[Path, Origin] = {}

    def add(origins: Iterator[Origin]) -> None:
        for origin in islice(origins, MOST_FILES + 1):
            found.setdefault(origin.file.resolve(), origin)

    if places.own is not None:
        add(Origin(file, IMPORTED, removable=True) for file in sorted(places.own.glob("*.json")))
    for pattern in places.patterns:
        named = _named(pattern)
        if not named:
            message = f"no file matches {pattern!r}"
            problems.append(Problem(pattern, 0, 0, "", message, "reference", Severity.WARNING))
        add(Origin(file, folder) for file, folder in named)
    for provider in provisioned.providers if provisioned else ():
        files = _below(provider.path)
        if provider.by_folders:
            add(Origin(file, _relative_folder(file, provider.path)) for file in files)
        else:
            add(Origin(file, provider.folder) for file in files)
    for shelf in places.shelves:
        files = iter(sorted(shelf.path.glob("*.json")))
        add(Origin(file, shelf.folder, shelf=shelf) for file in files)
    origins = tuple(found.values())
    if len(origins) > MOST_FILES:
        message = f"there are more than {MOST_FILES:,} files; the rest is not read"
        problems.append(Problem(str(origins[MOST_FILES].file), 0, 0, "", message, "too-many"))
    sources = provisioned.datasources if provisioned else ()
    return Found(origins[:MOST_FILES], sources, tuple(problems))


def _named(pattern: str) -> list[tuple[Path, str]]:
    """Files of a pattern and their folders: the path below what has no wildcards."""
    found = matching_files(pattern, Path())
    fixed = Path(*_fixed(Path(pattern).parts))
    files = [path for path in found if path.is_file()]
    return [(file, _relative_folder(file, fixed)) for file in files]


def _fixed(parts: tuple[str, ...]) -> list[str]:
    """The parts of a pattern before the first with a wildcard, without the file's name."""
    found: list[str] = []
    for part in parts[:-1]:
        if any(char in part for char in "*?["):
            break
        found.append(part)
    return found


def _relative_folder(file: Path, base: Path) -> str:
    try:
        relative = file.parent.resolve().relative_to(base.resolve())
    except ValueError:
        return ""
    return "" if relative == Path() else relative.as_posix()


def _below(path: Path) -> Iterator[Path]:
    """JSON files in a folder and its folders, in the order of their names."""
    if path.is_file():
        yield path
        return
    seen = 0
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            seen += 1
            if seen > _MOST_ENTRIES:
                return
            if name.endswith(".json"):
                yield Path(folder, name)
