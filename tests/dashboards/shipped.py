"""The shipped dashboards as plain JSON, and what stands for their variables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "data" / "dashboards"
FILES = sorted(FOLDER.glob("*.json"))
UIDS = {path.stem for path in FILES}
#: As Grafana fills them for the last hour, scraped every 15 seconds.
BUILT_IN = {"__rate_interval": "5m", "__interval": "1m", "__range": "1h", "__auto": "1m"}
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")


@dataclass(frozen=True)
class Query:
    """One target of a panel.

    Attributes:
        language: `prometheus`, `loki` or `tempo`.
        written: With variables.
        text: With values instead of them; everything is chosen.
    """

    panel: dict[str, Any]
    target: dict[str, Any]
    language: str
    written: str
    text: str

    @property
    def where(self) -> str:
        """Panel and letter, for messages."""
        return f"{self.panel['title']} {self.target['refId']}"


def load(path: Path) -> dict[str, Any]:
    """One dashboard."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def variables(dashboard: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By name."""
    return {item["name"]: item for item in dashboard["templating"]["list"]}


def names_used(text: str) -> set[str]:
    """Variables in a text."""
    return set(_VARIABLE.findall(text))


def filled(text: str) -> str:
    """A query for which everything is chosen."""
    return _VARIABLE.sub(lambda found: BUILT_IN.get(found[1], ".+"), text)


def panels(dashboard: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All panels, those of folded rows too; rows themselves not."""
    for panel in dashboard["panels"]:
        yield from panel.get("panels", [])
        if panel["type"] != "row":
            yield panel


def queries(dashboard: dict[str, Any]) -> Iterator[Query]:
    """All targets that have a query."""
    for panel in panels(dashboard):
        for target in panel.get("targets", []):
            written = target.get("expr") or target.get("query")
            if written:
                language = panel["datasource"]["type"]
                yield Query(panel, target, language, written, filled(written))
