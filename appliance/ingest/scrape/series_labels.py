"""From the labels a target exposes to those a series is stored under (Prometheus 3, scrape)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.ingest.scrape.config import NameValidation
from appliance.model.labels import Labels
from appliance.relabel import relabel

if TYPE_CHECKING:
    from appliance.ingest.scrape.config import ScrapeConfig

_METRIC_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


class LabelLimitExceeded(BadInput):
    """A limit on labels is exceeded."""


def stored_labels(exposed: Labels, target: Labels, job: ScrapeConfig) -> Labels | None:
    """The labels a series is stored under; None when it is dropped.

    Args:
        exposed: What the target says.
        target: The target's own labels.
        job: With the defaults filled in.

    Raises:
        BadInput: A limit on labels is exceeded, the name is gone, or a name is outside the
            alphabet the job insists on.
    """
    labels = merged(exposed, target, honor=job.honor_labels)
    final = relabel(labels, job.metric_relabel_configs)
    if not final:
        return None
    if not final.get("__name__"):
        raise BadInput("missing metric name (__name__ label)")
    if job.metric_name_validation_scheme is NameValidation.LEGACY and not _is_classic(final):
        inside = ", ".join(f'{name}="{value}"' for name, value in final)
        raise BadInput(f"invalid metric name or label names: {{{inside}}}")
    _check_limits(final, job)
    return final


def merged(exposed: Labels, target: Labels, *, honor: bool) -> Labels:
    """Exposed labels with the target's; on a clash one of both gives way (`honor_labels`)."""
    if honor:
        return Labels.of(dict(target) | dict(exposed))
    found = dict(exposed) | dict(target)
    clashes = [(name, value) for name, value in exposed if target.get(name)]
    for name, value in sorted(clashes, key=lambda pair: len(pair[0])):
        free = "exported_" + name
        while free in found:
            free = "exported_" + free
        found[free] = value
    return Labels.of(found)


def _is_classic(labels: Labels) -> bool:
    return all(
        _METRIC_NAME.fullmatch(value) if name == "__name__" else _LABEL_NAME.fullmatch(name)
        for name, value in labels
    )


def _check_limits(labels: Labels, job: ScrapeConfig) -> None:
    name = labels.get("__name__")[:50]
    if 0 < job.label_limit < len(labels):
        raise LabelLimitExceeded(
            f"label_limit exceeded (metric: {name}, number of labels: {len(labels)},"
            f" limit: {job.label_limit})"
        )
    if not (job.label_name_length_limit or job.label_value_length_limit):
        return
    for label, value in labels:
        length, limit = len(label.encode()), int(job.label_name_length_limit)
        if 0 < limit < length:
            raise LabelLimitExceeded(
                f"label_name_length_limit exceeded (metric: {name}, label name: {label[:50]},"
                f" length: {length}, limit: {limit})"
            )
        length, limit = len(value.encode()), int(job.label_value_length_limit)
        if 0 < limit < length:
            raise LabelLimitExceeded(
                f"label_value_length_limit exceeded (metric: {name}, label name: {label[:50]},"
                f' value: "{value[:50]}", length: {length}, limit: {limit})'
            )
