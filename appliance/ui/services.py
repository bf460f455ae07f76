"""Services and calls between them as pages show them; nanosecond times are strings in JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.traces.edges import Edge
    from appliance.traces.operations import OperationStats
    from appliance.traces.red import ServiceFigures

#: What spans say where no service is named.
UNKNOWN = ""


def service_row(one: ServiceFigures, seconds: float) -> dict[str, Any]:
    """A service with its rate over a window of so many seconds."""
    found = asdict(one)
    versions = [[version, str(first)] for version, first in one.versions]
    return found | {
        "last_ns": str(one.last_ns),
        "versions": versions,
        "rate": one.requests / seconds,
        "error_ratio": one.errors / one.requests if one.requests else 0.0,
    }


def operation_row(one: OperationStats, seconds: float) -> dict[str, Any]:
    """An operation with its rate."""
    return asdict(one) | {"rate": one.calls / seconds, "error_ratio": one.error_ratio}


def edge_row(one: Edge, seconds: float) -> dict[str, Any]:
    """Calls between two services with their rate."""
    ratio = one.errors / one.calls if one.calls else 0.0
    return asdict(one) | {"rate": one.calls / seconds, "error_ratio": ratio}


def merged(
    rows: Sequence[Mapping[str, Any]], names: Mapping[str, Sequence[str]]
) -> list[dict[str, Any]]:
    """Services with figures, the busiest first, then those that are only known by name.

    Args:
        rows: Of `service_row`.
        names: Services by signal; each row says in which signals there is something of it.
    """
    found = {str(row["service"]): dict(row) for row in rows}
    for known in names.values():
        for name in known:
            found.setdefault(name, {"service": name})
    for name, row in found.items():
        row["signals"] = [signal for signal, known in names.items() if name in known]
        if "requests" in row and "traces" not in row["signals"]:
            row["signals"].insert(0, "traces")
    return sorted(found.values(), key=lambda row: (-row.get("requests", -1), row["service"]))
