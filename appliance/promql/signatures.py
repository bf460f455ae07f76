"""The functions of PromQL: names, types of arguments, result (Prometheus 3.14)."""

from __future__ import annotations

from dataclasses import dataclass

SCALAR, VECTOR, MATRIX, STRING = "scalar", "vector", "matrix", "string"


@dataclass(frozen=True, slots=True)
class Signature:
    """How a function may be called.

    Attributes:
        args: Types of the arguments; that of the last one also holds for further ones.
        variadic: How many arguments may be left out or added beyond `args` less one; 0 for a fixed
            number, -1 for any number.
        returns: Type of the result.
        experimental: Whether a feature flag has to be set.
    """

    args: tuple[str, ...]
    variadic: int = 0
    returns: str = VECTOR
    experimental: bool = False


_OF_VECTOR = """
    abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor histogram_avg
    histogram_count histogram_stddev histogram_stdvar histogram_sum ln log10 log2 rad sgn sin sinh
    sort sort_desc sqrt tan tanh timestamp
"""
_OF_MATRIX = """
    absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta
    increase irate last_over_time max_over_time min_over_time present_over_time rate resets
    stddev_over_time stdvar_over_time sum_over_time
"""
_OF_MATRIX_EXPERIMENTAL = """
    mad_over_time ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time
    ts_of_min_over_time
"""
_OF_TIME = "day_of_month day_of_week day_of_year days_in_month hour minute month year"

FUNCTIONS: dict[str, Signature] = {
    **dict.fromkeys(_OF_VECTOR.split(), Signature((VECTOR,))),
    **dict.fromkeys(_OF_MATRIX.split(), Signature((MATRIX,))),
    **dict.fromkeys(_OF_MATRIX_EXPERIMENTAL.split(), Signature((MATRIX,), experimental=True)),
    **dict.fromkeys(_OF_TIME.split(), Signature((VECTOR,), variadic=1)),
    **dict.fromkeys(
        ["end", "range", "start", "step"], Signature((), returns=SCALAR, experimental=True)
    ),
    **dict.fromkeys(
        ["max_of", "min_of"], Signature((SCALAR, SCALAR), returns=SCALAR, experimental=True)
    ),
    "clamp": Signature((VECTOR, SCALAR, SCALAR)),
    "clamp_max": Signature((VECTOR, SCALAR)),
    "clamp_min": Signature((VECTOR, SCALAR)),
    "double_exponential_smoothing": Signature((MATRIX, SCALAR, SCALAR), experimental=True),
    "histogram_fraction": Signature((SCALAR, SCALAR, VECTOR)),
    "histogram_quantile": Signature((SCALAR, VECTOR)),
    "histogram_quantiles": Signature(
        (VECTOR, STRING, SCALAR, SCALAR), variadic=9, experimental=True
    ),
    "info": Signature((VECTOR, VECTOR), variadic=1, experimental=True),
    "label_join": Signature((VECTOR, STRING, STRING, STRING), variadic=-1),
    "label_replace": Signature((VECTOR, STRING, STRING, STRING, STRING)),
    "pi": Signature((), returns=SCALAR),
    "predict_linear": Signature((MATRIX, SCALAR)),
    "quantile_over_time": Signature((SCALAR, MATRIX)),
    "round": Signature((VECTOR, SCALAR), variadic=1),
    "scalar": Signature((VECTOR,), returns=SCALAR),
    "sort_by_label": Signature((VECTOR, STRING), variadic=-1, experimental=True),
    "sort_by_label_desc": Signature((VECTOR, STRING), variadic=-1, experimental=True),
    "start_timestamp": Signature((VECTOR,), experimental=True),
    "time": Signature((), returns=SCALAR),
    "vector": Signature((SCALAR,)),
}
#: Aggregators with a parameter → its type.
PARAMETERS = {
    "bottomk": SCALAR,
    "count_values": STRING,
    "limit_ratio": SCALAR,
    "limitk": SCALAR,
    "quantile": SCALAR,
    "topk": SCALAR,
}
EXPERIMENTAL_AGGREGATORS = frozenset(["limit_ratio", "limitk"])
SET_OPERATORS = frozenset(["and", "or", "unless"])
COMPARISONS = frozenset(["==", "!=", "<", "<=", ">", ">="])
