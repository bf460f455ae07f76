"""Reads a folder of real dashboards and tells what of each cannot be shown.

    python -m tests.dashboards.real_exports FOLDER…

Nobody's dashboards are kept in this repository; a developer has some at hand. The exit code is 1
when a file cannot be read or the reader breaks on it. `APPLIANCE_DASHBOARDS=FOLDER pytest
tests/dashboards` does the same as a test.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from appliance.base.errors import BadInput
from appliance.dashboards.checks.problems import find_problems
from appliance.dashboards.model import Finding, Severity
from appliance.dashboards.reading.document import read_dashboard


@dataclass
class Outcome:
    """What came of a file.

    Attributes:
        shown: Panels of a known type, of all `panels`.
        failure: Why it cannot be read at all.
    """

    path: Path
    panels: int = 0
    shown: int = 0
    seconds: float = 0
    findings: list[Finding] = field(default_factory=list)
    failure: str = ""

    def lines(self) -> Iterator[str]:
        """What to print: a summary, and what is not shown with its reason."""
        if self.failure:
            yield f"{self.path}: {self.failure}"
            return
        counts = Counter(finding.severity for finding in self.findings)
        parts = ", ".join(f"{counts[one]} {one.value}" for one in Severity if counts[one])
        yield (
            f"{self.path}: {self.shown} of {self.panels} panels, {self.seconds * 1000:.0f} ms"
            + (f"; {parts}" if parts else "")
        )
        for finding in self.findings:
            if finding.severity is not Severity.INFO:
                panel = f" {finding.panel_title!r}" if finding.panel_title else ""
                yield f"  {finding.severity.value} {finding.code}{panel}: {finding.message}"


def files(places: list[Path]) -> list[Path]:
    """JSON files in folders, at any depth."""
    found = [
        path
        for place in places
        for path in ([place] if place.is_file() else sorted(place.rglob("*.json")))
    ]
    return [path for path in found if path.is_file()]


def examine(path: Path) -> Outcome:
    """Read and judge one file."""
    start = time.perf_counter()
    try:
        dashboard, findings = read_dashboard(path.read_bytes(), name=path.stem)
        problems = find_problems(dashboard, findings)
    except BadInput as error:
        return Outcome(path, failure=error.message)
    panels = dashboard.panels()
    shown = sum(panel.type != "unsupported" for panel in panels)
    return Outcome(path, len(panels), shown, time.perf_counter() - start, problems)


def main() -> int:
    """Print what came of each file."""
    outcomes = [examine(path) for path in files([Path(place) for place in sys.argv[1:]])]
    for outcome in outcomes:
        sys.stdout.writelines(f"{line}\n" for line in outcome.lines())
    panels, shown = sum(one.panels for one in outcomes), sum(one.shown for one in outcomes)
    sys.stdout.write(f"{len(outcomes)} files, {shown} of {panels} panels are shown\n")
    return int(any(one.failure for one in outcomes))


if __name__ == "__main__":
    sys.exit(main())
