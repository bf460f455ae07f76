"""The page about dashboards names all that is read, shown and found."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from appliance.dashboards.datasources import ENGINES
from appliance.dashboards.model import PANEL_TYPES
from appliance.dashboards.reading.panels import _REASONS as REFUSED_PANELS
from appliance.dashboards.reading.transformations import REASONS, SUPPORTED
from appliance.dashboards.reading.variables import KINDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "dashboards.md").read_text(encoding="utf-8")
SOURCES = sorted((ROOT / "appliance" / "dashboards").rglob("*.py"))
#: Where codes of findings stand: the first argument of what tells one.
CODE = re.compile(
    r'(?:tell\(\s*|finding\(\s*|Finding\(\s*|_of_panel\(panel, |message, )"([a-z]+(?:-[a-z]+)*)"'
)


def missing(names: Iterable[str]) -> list[str]:
    return [name for name in sorted(names) if f"`{name}`" not in PAGE]


def test_panels_transformations_variables_and_sources_are_named() -> None:
    assert missing([*PANEL_TYPES, *(name for name in REFUSED_PANELS if "-" not in name)]) == []
    assert missing([*SUPPORTED, *REASONS]) == []
    assert missing(KINDS) == []
    assert missing(["prometheus", "loki", "tempo", "jaeger", "zipkin", "alertmanager"]) == []
    assert {"prometheus", "loki"} <= ENGINES.keys()


def test_findings_are_named() -> None:
    codes = {code for path in SOURCES for code in CODE.findall(path.read_text(encoding="utf-8"))}
    assert {"panel-type", "no-unit", "duplicate-uid", "variable-cycle", "reference"} <= codes
    assert missing(codes - {"yaml-syntax", "unreadable", "reference"}) == []
