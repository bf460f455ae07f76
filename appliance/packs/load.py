"""Loads packs: those shipped (`data/packs`), and folders of the same make.

A pack is a folder with `pack.yml`, rule files (`rules*.yml`, but not `*_test.yml`), and perhaps
`alertmanager.yml` and `runbooks/NAME.md`. Nothing here is evaluated: who loads a pack gets files.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.config.document import read
from appliance.config.load import load_file
from appliance.config.problem import has_errors, render_errors
from appliance.packs.config import PackConfig
from appliance.packs.variables import check_value, replaced, unset_variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PACKAGE = Path(__file__).parents[1]
_FILE = "pack.yml"
#: Where defaults of variables say that this server's pages are.
_USUAL_PAGES = "http://127.0.0.1:3000"


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack whose variables are set.

    Attributes:
        changes: Text in the files -> what stands for it here; empty when all is as shipped.
        rules: Rule files as shipped.
        routing: Its `alertmanager.yml`, None when it has none. `${NAME}` is expanded when that is
            loaded, as in every configuration file.
        missing: Variables that the routing needs and that are not set.
        runbooks: Files by name; see `runbook`.
    """

    name: str
    folder: Path
    config: PackConfig
    changes: Mapping[str, str]
    rules: tuple[Path, ...]
    routing: Path | None
    missing: tuple[str, ...]
    runbooks: Mapping[str, Path]

    def rule_files(self, folder: Path) -> list[Path]:
        """The rule files to load.

        Args:
            folder: Where files with changed texts are written; not touched when nothing changes.

        Raises:
            OSError: They cannot be written.
        """
        return [self._rendered(path, folder / self.name) for path in self.rules]

    def runbook(self, name: str) -> str:
        """A runbook (Markdown) with this site's names.

        Raises:
            KeyError: There is none of that name.
        """
        return replaced(self.runbooks[name].read_text(encoding="utf-8"), self.changes)

    def _rendered(self, path: Path, folder: Path) -> Path:
        text = path.read_text(encoding="utf-8")
        changed = replaced(text, self.changes)
        if changed == text:
            return path
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / path.name
        if not target.exists() or target.read_text(encoding="utf-8") != changed:
            target.write_text(changed, encoding="utf-8")
        return target


def packs_folder() -> Path:
    """Where the shipped packs are: within the package when installed, beside it in a checkout."""
    installed = _PACKAGE / "data" / "packs"
    return installed if installed.is_dir() else _PACKAGE.parent / "data" / "packs"


def pack_names() -> list[str]:
    """The shipped packs, sorted."""
    return sorted(path.parent.name for path in packs_folder().glob(f"*/{_FILE}"))


def load_packs(
    names: Iterable[str],
    variables: Mapping[str, str],
    *,
    directory: Path = Path(),
    pages: str = "",
) -> list[Pack]:
    """Several packs, in the order given; see `load_pack`."""
    return [load_pack(name, variables, directory=directory, pages=pages) for name in names]


def load_pack(
    name: str, variables: Mapping[str, str], *, directory: Path = Path(), pages: str = ""
) -> Pack:
    """Load a pack.

    Args:
        name: A shipped one, or a folder (a path with a slash), relative to `directory`.
        variables: Values of variables by name; empty ones count as not set.
        directory: Usually that of `appliance.yml`.
        pages: Where this server's pages are, without a slash at the end; defaults of variables
            that lead to the usual address lead there. Empty: they stay.

    Raises:
        BadInput: There is no such pack, or its files are broken.
    """
    is_folder = "/" in name or name in {".", ".."}
    folder = directory / name if is_folder else packs_folder() / name
    if not (folder / _FILE).is_file():
        raise BadInput(_unknown(name, folder, is_folder=is_folder))
    decoded = load_file(PackConfig, folder / _FILE)
    if decoded.value is None or has_errors(decoded.problems):
        raise BadInput(render_errors(decoded.problems))
    routing = folder / "alertmanager.yml"
    has_routing = routing.is_file()
    return Pack(
        name=folder.resolve().name,
        folder=folder,
        config=decoded.value,
        changes=_changes(decoded.value, variables, pages),
        rules=tuple(p for p in sorted(folder.glob("rules*.yml")) if not p.stem.endswith("_test")),
        routing=routing if has_routing else None,
        missing=tuple(_missing(routing, variables)) if has_routing else (),
        runbooks={path.stem: path for path in sorted((folder / "runbooks").glob("*.md"))},
    )


def _changes(config: PackConfig, variables: Mapping[str, str], pages: str) -> dict[str, str]:
    changes: dict[str, str] = {}
    for name, variable in config.variables.items():
        value = variables.get(name) or _moved(variable.default, pages)
        if value != variable.default:
            check_value(name, value)
            changes[variable.default] = value
    return changes


def _moved(default: str, pages: str) -> str:
    """A default, with this server's address in place of the usual one."""
    path = default.removeprefix(_USUAL_PAGES)
    is_here = path != default and path[:1] in {"", "/"}
    return pages + path if pages and is_here else default


def _missing(routing: Path, variables: Mapping[str, str]) -> list[str]:
    data, problems = read(routing)
    if problems:
        raise BadInput(render_errors(problems))
    return unset_variables(data, str(routing), variables)


def _unknown(name: str, folder: Path, *, is_folder: bool) -> str:
    if is_folder:
        return f"no pack at {str(folder)!r}: there is no {_FILE}"
    known = pack_names()
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}"
    return f"unknown pack {name!r}: {hint}, or name a folder such as './{name}'"
