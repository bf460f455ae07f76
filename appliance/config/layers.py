"""The layers of the program's own configuration: flag over environment over file over default."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import yaml

from appliance.config.document import compose, overlay, read, underlay
from appliance.config.dotenv import parse_dotenv
from appliance.config.load import Decoded, decode
from appliance.config.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

T = TypeVar("T")
_PREFIX = "APPLIANCE__"
_USUAL_ENV_FILE = ".env"
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_0-9][\w-]*)*")


@dataclass(frozen=True, slots=True)
class Layers:
    """Where values come from, besides the defaults.

    Attributes:
        file: The YAML file, or None.
        flags: Dotted key -> text, as given on the command line.
        environ: The process's environment.
        directory: Where relative names start when no file says otherwise.
        base: A tree below the file, for what the file does not give.
    """

    file: Path | None
    flags: Mapping[str, str]
    environ: Mapping[str, str]
    directory: Path
    base: yaml.Node | None = None


def load_layers(cls: type[T], layers: Layers) -> tuple[Decoded[T], dict[str, str], list[Problem]]:
    """Decode the layers into a section.

    Returns:
        What was decoded, the variables that `${NAME}` may name (those of the `.env` files under
        those of the environment), and the findings that are about neither (flags, `.env` files).
    """
    problems: list[Problem] = []
    root: yaml.Node | None = None
    if layers.file is not None:
        data, unreadable = read(layers.file)
        root, invalid = compose(data, str(layers.file))
        problems += unreadable + invalid
    variables, found = _variables(root, layers)
    root = underlay(root, layers.base)
    problems += found
    for name, text in sorted(variables.items()):
        if name.startswith(_PREFIX):
            path = name.removeprefix(_PREFIX).lower().replace("__", ".")
            root = overlay(root, {path: text}, f"env {name}")
    for path, text in layers.flags.items():
        if _DOTTED.fullmatch(path):
            root = overlay(root, {path: text}, f"--set {path}")
        else:
            hint = "write --set section.key=value"
            message = f"not a dotted key: {path!r}"
            problems.append(Problem(f"--set {path}", 0, 0, "", message, "bad-value", hint=hint))
    file = str(layers.file or "defaults")
    return decode(cls, root, file=file, variables=variables), variables, problems


def _variables(root: yaml.Node | None, layers: Layers) -> tuple[dict[str, str], list[Problem]]:
    """Variables of the environment and of the `.env` files that `env_file` names.

    The usual `.env` may be missing, a file of another name may not.
    """
    base = layers.file.parent if layers.file else layers.directory
    named = _env_files(root)
    variables: dict[str, str] = {}
    problems: list[Problem] = []
    for name in [_USUAL_ENV_FILE] if named is None else named:
        path = base / name
        if name == _USUAL_ENV_FILE and not path.is_file():
            continue
        data, unreadable = read(path)
        found, invalid = parse_dotenv(data.decode(errors="replace"), str(path))
        variables |= found
        problems += unreadable + invalid
    return variables | dict(layers.environ), problems


def _env_files(root: yaml.Node | None) -> list[str] | None:
    """The value of `env_file`, read before anything can be expanded; None when there is none."""
    if not isinstance(root, yaml.MappingNode):
        return None
    for key, value in root.value:
        if key.value == "env_file":
            nodes = value.value if isinstance(value, yaml.SequenceNode) else [value]
            return [str(node.value) for node in nodes if isinstance(node, yaml.ScalarNode)]
    return None
