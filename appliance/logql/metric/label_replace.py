"""`label_replace`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.re2 import Pattern
from appliance.logql.metric.frame import Frame
from appliance.relabel import expand_template

if TYPE_CHECKING:
    from appliance.logql.ast import LabelReplace
    from appliance.model.labels import Labels


def replaced(node: LabelReplace, frame: Frame) -> Frame:
    """The series with the label set where the expression matches all of the source label.

    Raises:
        BadInput: The expression is none.
    """
    pattern = Pattern(node.regex, anchored=True)
    known: dict[str, str | None] = {}

    def text_of(value: str) -> str | None:
        if value not in known:
            match = pattern.search(value.encode())
            known[value] = (
                None if match is None else expand_template(node.replacement, node.regex, match)
            )
        return known[value]

    def changed(labels: Labels) -> Labels:
        text = text_of(labels.get(node.source))
        return labels if text is None else labels.extended({node.destination: text})

    return Frame([changed(labels) for labels in frame.labels], frame.values, frame.present)
