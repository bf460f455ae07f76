"""One file of the library: what a list says of it, read again when the file changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.dashboards.checks.problems import find_problems
from appliance.dashboards.loose import text, texts
from appliance.dashboards.model import Finding, Severity
from appliance.dashboards.reading.document import read_dashboard, uid_of
from appliance.dashboards.reading.envelope import MOST_BYTES, open_envelope, parse_json
from appliance.dashboards.report import broken

if TYPE_CHECKING:
    from appliance.config.problem import Problem
    from appliance.dashboards.datasources import Sources
    from appliance.dashboards.library.places import Origin
    from appliance.dashboards.model import Dashboard

#: Changes when a file does: its time of change and its size.
Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a file without reading all of it; `problem` when it is no dashboard."""

    uid: str = ""
    title: str = ""
    tags: tuple[str, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A dashboard of the list.

    Attributes:
        problems: Findings by severity; None while nobody has looked for them.
    """

    uid: str
    title: str
    folder: str
    tags: tuple[str, ...]
    file: str
    removable: bool
    problems: dict[str, int] | None = None

    def as_json(self) -> dict[str, Any]:
        """For browsers."""
        return {
            "uid": self.uid,
            "title": self.title,
            "folder": self.folder,
            "tags": list(self.tags),
            "url": f"/d/{self.uid}",
            "file": self.file,
            "removable": self.removable,
            "problems": self.problems,
        }


@dataclass(frozen=True, slots=True)
class Whole:
    """A dashboard with everything about it."""

    entry: Entry
    dashboard: Dashboard
    findings: tuple[Finding, ...]
    data: bytes


def stamp_of(origin: Origin) -> Stamp | None:
    """The state of a file; None when it is gone."""
    try:
        found = origin.file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def read_bytes(origin: Origin) -> bytes:
    """A file, with a site's names where its shelf puts them in.

    Raises:
        BadInput: It cannot be read, or is too large.
    """
    try:
        with origin.file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise BadInput(f"cannot be read: {reason}") from error
    if origin.shelf is not None and origin.shelf.change is not None:
        return origin.shelf.change(data.decode("utf-8", "replace")).encode()
    return data


def read_head(origin: Origin) -> Head:
    """What the list says of a file."""
    data = b""
    try:
        data = read_bytes(origin)
        opened = open_envelope(parse_json(data))
    except BadInput as error:
        return Head(problem=broken(error, data, str(origin.file)))
    name = origin.file.stem
    title = text(opened.json.get("title")).strip() or name
    tags = tuple(dict.fromkeys(texts(opened.json.get("tags"))))
    return Head(uid_of(opened, name), title, tags)


def read_whole(origin: Origin, entry: Entry, sources: Sources) -> Whole:
    """The dashboard of a file.

    Raises:
        BadInput: It is none any more.
    """
    data = read_bytes(origin)
    reading = read_dashboard(data, name=origin.file.stem, sources=sources)
    findings = tuple(find_problems(reading.dashboard, reading.findings))
    return Whole(entry, reading.dashboard, findings, data)


def counts(findings: tuple[Finding, ...]) -> dict[str, int]:
    """How many findings there are of each severity."""
    found = {severity.value: 0 for severity in Severity}
    for finding in findings:
        found[finding.severity.value] += 1
    return found
