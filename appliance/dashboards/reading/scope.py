"""What is known while a dashboard is read, and what was found wrong so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from appliance.dashboards.datasources import Sources
from appliance.dashboards.model import Finding, Severity

if TYPE_CHECKING:
    from appliance.dashboards.model import Path


@dataclass(frozen=True, slots=True)
class Place:
    """The part that is being read, for findings."""

    path: Path = ()
    panel_id: int | None = None
    panel_title: str = ""
    ref_id: str = ""


@dataclass(slots=True)
class Scope:
    """One reading.

    Attributes:
        constants: Values of `${VAR_NAME}` of an export.
        elements: Library panels that an export brings along, by uid.
    """

    sources: Sources = field(default_factory=Sources)
    constants: dict[str, str] = field(default_factory=dict)
    elements: dict[str, dict[str, Any]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def tell(
        self,
        code: str,
        message: str,
        *,
        place: Place | None = None,
        severity: Severity = Severity.WARNING,
        hint: str = "",
    ) -> None:
        """Note a finding."""
        at = place or Place()
        self.findings.append(
            Finding(code, severity, message, hint, at.panel_id, at.panel_title, at.ref_id, at.path)
        )
