"""A whole exposition: line by line, every line in full."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.model.sample import MetricMetadata
from appliance.wire.exposition.line import Sample, parse_metadata, parse_sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Document:
    """An exposition: its samples in order and what it says about its metric families."""

    samples: Sequence[Sample]
    metadata: dict[str, MetricMetadata] = field(default_factory=dict)


def parse(body: bytes, *, openmetrics: bool = False) -> Document:
    """Read a body in full; for bodies that come once, such as pushes.

    Raises:
        BadInput: The first broken line, with its number (from 1) and what is wrong.
    """
    lines = split_lines(body, openmetrics=openmetrics)
    samples = []
    comments = []
    for number, line in enumerate(lines, 1):
        if line.startswith(b"#"):
            comments.append((number, line))
        elif sample := read_sample(line, number, openmetrics=openmetrics):
            samples.append(sample)
    return Document(samples, read_metadata(comments, openmetrics=openmetrics))


def split_lines(body: bytes, *, openmetrics: bool) -> list[bytes]:
    """The lines of a body; for OpenMetrics those before the obligatory `# EOF`.

    Raises:
        BadInput: OpenMetrics without its end mark, or with something behind it.
    """
    lines = body.split(b"\n")
    if not lines[-1]:
        lines.pop()
    if openmetrics:
        end = lines.index(b"# EOF") if b"# EOF" in lines else None
        if end is None:
            raise BadInput("data does not end with # EOF", position=len(body))
        if end < len(lines) - 1:
            raise BadInput(f"line {end + 2}: unexpected data after # EOF")
        lines.pop()
    return lines


def read_sample(line: bytes, number: int, *, openmetrics: bool, kind: str = "") -> Sample | None:
    """Read line `number`; None when the text format skips it: a blank or an indented comment.

    Args:
        line: Without its newline.
        number: For messages.
        openmetrics: Whether it is OpenMetrics.
        kind: The type of its family if its bounds are to be normalised.

    Raises:
        BadInput: With the line's number.
    """
    text = line.lstrip(b" \t")
    if not openmetrics and (not text or text.startswith(b"#")):
        return None
    try:
        return parse_sample(text.decode(), openmetrics=openmetrics, kind=kind)
    except UnicodeDecodeError as error:
        raise BadInput(f"line {number}: invalid UTF-8", position=error.start) from error
    except BadInput as error:
        raise _placed(error, number, line) from error


def read_metadata(
    comments: Iterable[tuple[int, bytes]], *, openmetrics: bool
) -> dict[str, MetricMetadata]:
    """Metadata by metric name from comment lines and their numbers.

    Raises:
        BadInput: With the line's number.
    """
    found: dict[str, dict[str, str]] = {}
    for number, line in comments:
        try:
            read = parse_metadata(line.decode(), openmetrics=openmetrics)
        except UnicodeDecodeError as error:
            raise BadInput(f"line {number}: invalid UTF-8", position=error.start) from error
        except BadInput as error:
            raise _placed(error, number, line) from error
        if read:
            kind, name, text = read
            found.setdefault(name, {})[kind] = text
    return {name: MetricMetadata(**fields) for name, fields in found.items()}


def _placed(error: BadInput, number: int, line: bytes) -> BadInput:
    shown = line[:120].decode("utf-8", "replace")
    message = f"line {number}: {error.message} while parsing {shown!r}"
    return BadInput(message, position=error.position)
