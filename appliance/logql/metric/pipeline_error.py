"""What Loki says of a metric query that met entries which a stage could not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.logql.rows import ERROR
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from appliance.model.labels import Labels


def pipeline_error(labels: Labels) -> BadInput:
    """The error for a series with `__error__` (logqlmodel.NewPipelineErr)."""
    kind = labels.get(ERROR)
    series = ", ".join(f"{name}={quote(value)}" for name, value in labels)
    return BadInput(
        f"pipeline error: '{kind}' for series: '{{{series}}}'.\n"
        "Use a label filter to intentionally skip this error."
        f' (e.g | __error__!="{kind}").\n'
        "To skip all potential errors you can match empty errors."
        '(e.g __error__="")\n'
        "The label filter can also be specified after unwrap."
        ' (e.g | unwrap latency | __error__="" )\n'
    )
