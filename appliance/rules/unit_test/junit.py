"""Results of tests of configuration as JUnit XML, for continuous integration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from xml.etree.ElementTree import Element, SubElement, tostring

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Case(Protocol):
    """One test."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def errors(self) -> Sequence[str]:
        """What is wrong; nothing when it passed."""
        ...


class Result(Protocol):
    """One file; `unit_test.run.FileResult` is one."""

    @property
    def cases(self) -> Sequence[Case]:
        """The tests that were run."""
        ...

    @property
    def aborted(self) -> Sequence[str]:
        """Why none could be run; empty when they could."""
        ...


def render_junit(results: Mapping[str, Result], timestamp: str) -> str:
    """The document; a suite per file, a test case per test.

    Args:
        results: By name of the file.
        timestamp: When the tests were run, such as `2026-01-31T12:00:00`.
    """
    root = Element("testsuites")
    for name, result in results.items():
        failures = sum(len(case.errors) for case in result.cases)
        counts = {
            "tests": len(result.cases) or len(result.aborted[:1]),
            "failures": failures,
            "errors": len(result.aborted[:1]),
            "skipped": 0,
        }
        attributes = {key: str(count) for key, count in counts.items()}
        suite = SubElement(root, "testsuite", {"name": name, **attributes, "timestamp": timestamp})
        if result.aborted:
            node = SubElement(suite, "testcase", {"name": "unknown"})
            SubElement(node, "error").text = "\n".join(result.aborted)
        for case in result.cases:
            node = SubElement(suite, "testcase", {"name": case.name})
            for text in case.errors:
                SubElement(node, "failure").text = text
    return tostring(root, encoding="unicode", short_empty_elements=False)
