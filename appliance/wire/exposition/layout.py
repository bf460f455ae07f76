"""The layout of a body: every space-separated token that is not a value, and where values are."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.wire.numbers import parse_floats

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Layout:
    """A body's tokens, split where its values are.

    Attributes:
        rows: int64[series], rows of the values.
        first: int64[series], which values count when series are repeated; None if none is.
    """

    openmetrics: bool
    others: tuple[bytes, ...]
    pick_others: Callable[[list[bytes]], tuple[bytes, ...]]
    pick_values: Callable[[list[bytes]], tuple[bytes, ...]]
    token_count: int
    sample_count: int
    rows: NDArray[np.int64]
    first: NDArray[np.int64] | None

    def values_of(self, body: bytes) -> NDArray[np.float64] | None:
        """float64[series] of a body that differs in its values alone; None for any other."""
        tokens = tokens_of(body)
        if len(tokens) != self.token_count or self.pick_others(tokens) != self.others:
            return None
        text = b"".join(self.pick_values(tokens))
        if text.count(b"\n") != self.sample_count:
            return None
        try:
            values = parse_floats(text)
        except BadInput:
            return None  # the slow path says where
        return values if self.first is None else values[self.first]


def tokens_of(body: bytes) -> list[bytes]:
    """Split at spaces and behind newlines, so that every line ends with its own token."""
    return body.replace(b"\n", b"\n ").split(b" ")


def make_layout(
    body: bytes,
    value_tokens: Sequence[int],
    rows: NDArray[np.int64],
    *,
    first: NDArray[np.int64] | None,
    openmetrics: bool,
) -> Layout | None:
    """The layout of a body whose values are these tokens; None when it is too short for one."""
    tokens = tokens_of(body)
    is_value = set(value_tokens)
    other_tokens = [index for index in range(len(tokens)) if index not in is_value]
    if len(value_tokens) < 2 or len(other_tokens) < 2:  # itemgetter returns tuples from two on
        return None
    pick_others = itemgetter(*other_tokens)
    return Layout(
        openmetrics=openmetrics,
        others=pick_others(tokens),
        pick_others=pick_others,
        pick_values=itemgetter(*value_tokens),
        token_count=len(tokens),
        sample_count=len(value_tokens),
        rows=rows,
        first=first,
    )
