"""What `/federate` answers (Prometheus, "Federation"): text 0.0.4, or delimited protobuf.

Native histograms are in protobuf alone.
"""

from __future__ import annotations

import itertools
import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from appliance.model.histogram import ResetHint
from appliance.wire.native_histogram import to_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels
    from appliance.wire.messages import exposition_pb2 as pb

_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
#: Go's shortest %g has an exponent below and from these sizes on.
_FIXED_FROM, _EXPONENT_FROM = 1e-4, 1e6
_ODD = re.compile(r"[^a-zA-Z0-9_:]")


#: Types of metric families by their numbers in io.prometheus.client.
_UNTYPED, _HISTOGRAM, _GAUGE_HISTOGRAM = 3, 4, 5


class FederatedPoint(NamedTuple):
    """The newest sample of a series; its value counts where it is no histogram."""

    labels: Labels
    time_ms: int
    value: float
    histogram: Histogram | None = None


def federation_text(
    points: Iterable[FederatedPoint], external: Labels, *, allow_utf8: bool = False
) -> bytes:
    """Points as untyped metrics, families by name; histograms are left out.

    Args:
        points: Those without a metric name are left out.
        external: Added to series that do not have them; `instance` is added empty, as Prometheus
            does, so that the scraper does not put its own there.
        allow_utf8: Whether the client can read quoted names; otherwise they are escaped.
    """
    added = {"instance": "", **dict(external)}
    lines: list[str] = []
    last = None
    for name, point in _sorted(points):
        if point.histogram is not None:
            continue
        if name != last:
            lines.append(f"# TYPE {_shown(name, allow_utf8=allow_utf8)} untyped")
            last = name
        series = _series(name, point.labels, added, allow_utf8=allow_utf8)
        lines.append(f"{series} {_number(point.value)} {point.time_ms}")
    return ("\n".join(lines) + "\n").encode() if lines else b""


def federation_protobuf(
    points: Iterable[FederatedPoint], external: Labels, *, allow_utf8: bool = False
) -> bytes:
    """The same as delimited MetricFamily messages, with histograms."""
    from appliance.wire.messages import exposition_pb2 as pb  # noqa: PLC0415 - seldom asked for
    from appliance.wire.remote.encode import varint  # noqa: PLC0415

    added = {"instance": "", **dict(external)}
    parts: list[bytes] = []
    for (name, kind), members in itertools.groupby(
        _sorted(points), key=lambda item: (item[0], _kind(item[1]))
    ):
        shown = name if allow_utf8 else _escaped(name)
        family = pb.MetricFamily(name=shown.encode(), type=kind)
        for _, point in members:
            metric = family.metric.add(timestamp_ms=point.time_ms)
            for key, value in _pairs(point.labels, added).items():
                label = key if allow_utf8 else _escaped(key)
                pair = pb.LabelPair(name=label.encode(), value=value.encode())
                metric.label.append(pair.SerializeToString())
            if point.histogram is None:
                metric.untyped.value = point.value
            else:
                metric.histogram.CopyFrom(_histogram(point.histogram))
        data: bytes = family.SerializeToString()
        parts += [varint(len(data)), data]
    return b"".join(parts)


def _sorted(points: Iterable[FederatedPoint]) -> Iterator[tuple[str, FederatedPoint]]:
    """Points by name, then by kind and labels."""
    named = [(point.labels.get("__name__"), point) for point in points]
    named.sort(key=lambda item: (item[0], _kind(item[1]), item[1].labels))
    return (item for item in named if item[0])


def _kind(point: FederatedPoint) -> int:
    if point.histogram is None:
        return _UNTYPED
    is_gauge = point.histogram.reset_hint is ResetHint.GAUGE
    return _GAUGE_HISTOGRAM if is_gauge else _HISTOGRAM


def _histogram(histogram: Histogram) -> pb.Histogram:
    """A float histogram; an empty span marks it as native when it has no other sign of it."""
    from appliance.wire.messages import exposition_pb2 as pb  # noqa: PLC0415 - as above

    found = pb.Histogram(
        count_float=histogram.count,
        sum=histogram.sum,
        schema=histogram.schema,
        zero_threshold=histogram.zero_threshold,
        zero_count_float=histogram.zero_count,
        positive_count=histogram.positive.counts.tolist(),
        negative_count=histogram.negative.counts.tolist(),
    )
    for offset, length in to_spans(histogram.positive) or [(0, 0)]:
        found.positive_span.add(offset=offset, length=length)
    for offset, length in to_spans(histogram.negative):
        found.negative_span.add(offset=offset, length=length)
    return found


def _pairs(labels: Labels, added: dict[str, str]) -> dict[str, str]:
    """A series' own labels, then the others that are added to it."""
    own = {key: value for key, value in labels if key != "__name__"}
    return own | {key: added[key] for key in sorted(added) if key not in own}


def _series(name: str, labels: Labels, added: dict[str, str], *, allow_utf8: bool) -> str:
    pairs = _pairs(labels, added).items()
    shown = ",".join(
        f"{_shown(key, allow_utf8=allow_utf8)}={_quoted(value)}" for key, value in pairs
    )
    metric = _shown(name, allow_utf8=allow_utf8)
    return f"{{{metric},{shown}}}" if metric.startswith('"') else f"{metric}{{{shown}}}"


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _shown(name: str, *, allow_utf8: bool) -> str:
    """A name as it is, in quotes, or with underscores for what old readers do not know."""
    escaped = _escaped(name)
    return _quoted(name) if allow_utf8 and escaped != name else escaped


def _escaped(name: str) -> str:
    return ("_" if name[0].isdigit() else "") + _ODD.sub("_", name)


def _number(value: float) -> str:
    """As Go's `FormatFloat(v, 'g', -1, 64)`."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{value:+}".title()
    text = repr(value)
    size = abs(value)
    if size == 0 or _FIXED_FROM <= size < _EXPONENT_FROM:
        return text.removesuffix(".0")
    _, digits, power = Decimal(text).normalize().as_tuple()
    shown = "".join(map(str, digits))
    power = int(power) + len(shown) - 1
    fraction = f".{shown[1:]}" if len(shown) > 1 else ""
    return (
        f"{'-' if value < 0 else ''}{shown[0]}{fraction}e{'-' if power < 0 else '+'}{abs(power):02}"
    )
