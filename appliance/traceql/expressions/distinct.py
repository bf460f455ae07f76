"""Distinct values of dictionary-coded columns, made into statics only when somebody looks at one.

A block may have a hundred thousand distinct URLs; comparing them needs their texts, not statics.
All sequences here hold values of one type; values of several types are a plain list of statics.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from appliance.traceql.static import NIL, Static, Type

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from appliance.model.trace import AttributeValue

_SCALARS = {bool: Type.BOOLEAN, int: Type.INT, float: Type.FLOAT, str: Type.STRING}
_ARRAYS = {
    bool: Type.BOOLEAN_ARRAY,
    int: Type.INT_ARRAY,
    float: Type.FLOAT_ARRAY,
    str: Type.STRING_ARRAY,
}


class Distinct(Sequence[Static]):
    """Values of one type.

    Attributes:
        type: Of all of them.
    """

    type: Type

    def static(self, number: int) -> Static:
        """One value."""
        raise NotImplementedError

    @overload
    def __getitem__(self, number: int) -> Static: ...
    @overload
    def __getitem__(self, number: slice) -> list[Static]: ...
    def __getitem__(self, number: int | slice) -> Static | list[Static]:
        if isinstance(number, slice):
            return [self.static(one) for one in range(*number.indices(len(self)))]
        return self.static(number)


class Texts(Distinct):
    """Strings.

    Attributes:
        texts: [distinct].
    """

    type = Type.STRING

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts

    def __len__(self) -> int:
        return len(self.texts)

    def static(self, number: int) -> Static:
        """One value."""
        return Static(Type.STRING, self.texts[number])


class Figures(Distinct):
    """Numbers.

    Attributes:
        type: INT, FLOAT or DURATION.
        numbers: int64 or float64[distinct].
    """

    def __init__(self, kind: Type, numbers: NDArray[Any]) -> None:
        self.type = kind
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def static(self, number: int) -> Static:
        """One value."""
        return Static(self.type, self.numbers[number].item())


class SpanIds(Distinct):
    """Span ids as 16 hexadecimal digits.

    Attributes:
        ids: uint64[distinct].
    """

    type = Type.STRING

    def __init__(self, ids: NDArray[Any]) -> None:
        self.ids = ids

    def __len__(self) -> int:
        return len(self.ids)

    def static(self, number: int) -> Static:
        """One value."""
        return Static(Type.STRING, f"{int(self.ids[number]):016x}")


class TraceIds(Distinct):
    """Trace ids as hexadecimal digits without leading zeros.

    Attributes:
        ids: uint8[distinct, 16].
    """

    type = Type.STRING

    def __init__(self, ids: NDArray[np.uint8]) -> None:
        self.ids = ids

    def __len__(self) -> int:
        return len(self.ids)

    def static(self, number: int) -> Static:
        """One value."""
        return Static(Type.STRING, self.ids[number].tobytes().hex().lstrip("0"))


def to_static(value: AttributeValue) -> Static:
    """An attribute's value; NIL for what TraceQL has no type for.

    These are bytes, key-value lists, nothing, empty arrays and arrays of several types. An array of
    one element is that element.
    """
    scalar = _SCALARS.get(type(value))
    if scalar is not None:
        return Static(scalar, value)  # type: ignore[arg-type]  # a scalar by its type
    if not isinstance(value, list) or not value:
        return NIL
    kind = type(value[0])
    if kind not in _ARRAYS or any(type(item) is not kind for item in value):
        return NIL
    if len(value) == 1:
        return Static(_SCALARS[kind], value[0])  # type: ignore[arg-type]  # as above
    return Static(_ARRAYS[kind], tuple(value))  # type: ignore[arg-type]  # of one such type
