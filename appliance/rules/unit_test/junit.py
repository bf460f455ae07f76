"""Results of unit tests as JUnit XML, for continuous integration."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.rules.unit_test.run import FileResult


def render_junit(results: Mapping[str, FileResult], timestamp: str) -> str:
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
