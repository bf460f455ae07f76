"""Files and texts to sections: the way into this package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from appliance.config.decode import Decoder
from appliance.config.document import Position, compose, null, read
from appliance.config.problem import Problem, has_errors
from appliance.config.report import Path, Report

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Mapping

    import yaml

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Decoded(Generic[T]):
    """A decoded file.

    Attributes:
        value: What could be built; for use only when `ok`. None when nothing could.
        problems: All findings, in the file's order.
    """

    value: T | None
    problems: list[Problem]
    report: Report

    @property
    def ok(self) -> bool:
        """Whether there is a value and no error."""
        return self.value is not None and not has_errors(self.problems)

    def origin(self, value: object, path: Path = ()) -> Position:
        """Where a section of the value, or a key in it, was written."""
        return self.report.origin(value, path)


def load_file(
    cls: type[T], path: pathlib.Path, variables: Mapping[str, str] | None = None
) -> Decoded[T]:
    """Read and decode a file; see `load_text`."""
    data, problems = read(path)
    if problems:
        return Decoded(None, problems, Report(str(path)))
    return load_text(cls, data, file=str(path), variables=variables)


def load_text(
    cls: type[T], text: str | bytes, *, file: str, variables: Mapping[str, str] | None = None
) -> Decoded[T]:
    """Decode a document into a section.

    Args:
        cls: The section at the root.
        text: YAML.
        file: The name to show in findings.
        variables: What `${NAME}` stands for; None leaves it alone.
    """
    node, problems = compose(text, file)
    if problems:
        return Decoded(None, problems, Report(file))
    return decode(cls, node, file=file, variables=variables)


def decode(
    cls: type[T],
    node: yaml.Node | None,
    *,
    file: str,
    variables: Mapping[str, str] | None = None,
) -> Decoded[T]:
    """Decode the node of a document; None stands for an empty one. See `load_text`."""
    report = Report(file)
    value = Decoder(report, variables).root(cls, node or null(file))
    problems = sorted(report.problems, key=lambda problem: (problem.file, problem.line))
    return Decoded(value, problems, report)
