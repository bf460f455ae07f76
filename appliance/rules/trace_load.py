"""Rules over traces: files in the form of Prometheus, expressions in TraceQL metrics.

An expression is evaluated over the last interval of its group, so that every span counts once:
`{ status = error } | rate() by (resource.service.name)` gives errors a second of that time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.rules.load import GroupLoader
from appliance.rules.source import load_rule_file
from appliance.rules.trace_queries import TraceQuery

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from appliance.config.problem import Problem
    from appliance.rules.group_state import GroupState

#: Between evaluations of groups that name none.
INTERVAL_MS = 60_000


def load_trace_groups(
    files: Iterable[Path], *, variables: Mapping[str, str] | None = None
) -> tuple[list[GroupState], list[Problem]]:
    """Groups of rule files, in the order given.

    Args:
        variables: What `${NAME}` stands for.

    Returns:
        The groups, some of their rules perhaps broken, and all findings.
    """
    loader = GroupLoader(TraceQuery.parse, "traceql", INTERVAL_MS, reads_series=False)
    groups = []
    for file in files:
        groups += loader.groups(load_rule_file(file, variables), str(file))
    return groups, loader.problems
