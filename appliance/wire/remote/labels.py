"""Labels of remote write: reading, validation in Prometheus' words, and how a series is named."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.model.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PLAIN = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def checked_labels(pairs: Sequence[tuple[bytes, bytes]], *, needs_name: bool) -> Labels:
    """Labels from pairs in any order; empty values are left out.

    Args:
        needs_name: Whether a series must have a metric name.

    Raises:
        BadInput: No labels, an empty name, no UTF-8, or a name that comes twice; names the series.
    """
    try:
        texts = [(name.decode(), value.decode()) for name, value in pairs]
    except UnicodeDecodeError:
        shown = show_labels((_repaired(name), _repaired(value)) for name, value in pairs)
        raise BadInput(f"invalid metric name or labels, got {shown}") from None
    names = {name for name, _ in texts}
    if len(names) < len(texts):
        duplicate = next(n for i, (n, _) in enumerate(texts) if n in {m for m, _ in texts[:i]})
        raise BadInput(
            f"invalid labels for series, labels {show_labels(sorted(texts))},"
            f" duplicated label {duplicate}"
        )
    labels = Labels.of(texts)
    is_nameless = needs_name and not labels.get("__name__")
    if not labels or "" in names or is_nameless:
        raise BadInput(f"invalid metric name or labels, got {show_labels(sorted(texts))}")
    return labels


def exemplar_labels(pairs: Iterable[tuple[bytes, bytes]]) -> Labels:
    """Labels of an exemplar; what is no UTF-8 becomes U+FFFD."""
    return Labels.of((_repaired(name), _repaired(value)) for name, value in pairs)


def show_labels(pairs: Iterable[tuple[str, str]]) -> str:
    """Labels as Go's `Labels.String` has them: `{__name__="up", job="x"}`."""
    return "{" + ", ".join(f"{_name(name)}={_quoted(value)}" for name, value in pairs) + "}"


def _name(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _repaired(text: bytes) -> str:
    return text.decode("utf-8", "replace")
