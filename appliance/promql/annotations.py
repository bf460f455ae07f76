"""Warnings and infos of an evaluation, in Prometheus' words (util/annotations)."""

from __future__ import annotations

from appliance.model.value import Annotations
from appliance.syntax.source import line_byte

#: How many of each kind an answer shows.
_MOST = 10


class Remarks:
    """Collects remarks, each once.

    Args:
        text: The query; positions are shown as line and column in it.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._warnings: dict[tuple[str, int | None], None] = {}
        self._infos: dict[tuple[str, int | None], None] = {}

    def warn(self, message: str, position: int | None) -> None:
        """Add a warning, its text without "PromQL warning: "; position: byte offset or None."""
        self._warnings[message, position] = None

    def info(self, message: str, position: int | None) -> None:
        """Add an info, its text without "PromQL info: "."""
        self._infos[message, position] = None

    def annotations(self) -> Annotations:
        """What the answer says."""
        return Annotations(
            self._shown("PromQL warning: ", "warning", self._warnings),
            self._shown("PromQL info: ", "info", self._infos),
        )

    def _shown(
        self, prefix: str, kind: str, found: dict[tuple[str, int | None], None]
    ) -> tuple[str, ...]:
        texts = [prefix + message + self._place(position) for message, position in found]
        shown = tuple(texts[:_MOST])
        rest = len(texts) - len(shown)
        return (*shown, f"{rest} more {kind} annotations omitted") if rest else shown

    def _place(self, position: int | None) -> str:
        if position is None:
            return ""
        line, column = line_byte(self._text, position)
        return f" ({line}:{column})"
