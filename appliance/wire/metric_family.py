"""Metric families as messages (io.prometheus.client): from text and protobuf, and back.

For what is kept family by family, such as pushes; scrapes are read by `exposition/` instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError

from appliance.base.errors import BadInput
from appliance.wire.exposition.line import parse_metadata, parse_sample
from appliance.wire.messages.exposition_pb2 import LabelPair, Metric, MetricFamily
from appliance.wire.numbers import parse_float, print_general

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from appliance.model.labels import Labels

COUNTER, GAUGE, SUMMARY, UNTYPED, HISTOGRAM, GAUGE_HISTOGRAM = range(6)
TYPE_NAMES = ("counter", "gauge", "summary", "untyped", "histogram", "gaugehistogram")
_TYPES = {name: number for number, name in enumerate(TYPE_NAMES)} | {"unknown": UNTYPED}
_SINGLE = {COUNTER: "counter", GAUGE: "gauge", UNTYPED: "untyped"}
#: Suffixes of samples that belong to a family of another name.
_PARTS = {SUMMARY: ("_sum", "_count"), HISTOGRAM: ("_bucket", "_sum", "_count")}
#: Counts are unsigned 64-bit integers.
_MAX_COUNT = 2.0**64
_OWN_LABEL = {SUMMARY: "quantile", HISTOGRAM: "le"}


def labels_of(metric: Metric) -> dict[str, str]:
    """A metric's own labels, in the order given."""
    pairs = [LabelPair.FromString(data) for data in metric.label]
    return {pair.name.decode(): pair.value.decode() for pair in pairs}


def set_labels(metric: Metric, labels: Mapping[str, str]) -> None:
    """Give a metric these labels, sorted; empty values are kept."""
    del metric.label[:]
    for name in sorted(labels):
        pair = LabelPair(name=name.encode(), value=labels[name].encode())
        metric.label.append(pair.SerializeToString())


# -- reading


def parse_delimited(body: bytes) -> list[MetricFamily]:
    """Families, each after its length as a varint.

    Raises:
        BadInput: Not such a body.
    """
    found, at = [], 0
    while at < len(body):
        length, start = _varint(body, at)
        at = start + length
        if at > len(body):
            raise BadInput("unexpected EOF")
        try:
            found.append(MetricFamily.FromString(body[start:at]))
        except DecodeError as error:
            raise BadInput(f"proto: cannot parse a metric family: {error}") from error
    return found


def _varint(body: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(body) and shift < 64:
        byte = body[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise BadInput("unexpected EOF")


def parse_text(body: bytes) -> list[MetricFamily]:
    """Families of the text format 0.0.4, in the order of their first lines.

    Raises:
        BadInput: The first broken line, as Pushgateway words it.
    """
    reader = _TextReader()
    for number, line in enumerate(body.split(b"\n"), 1):
        try:
            reader.read(line.decode())
        except (BadInput, UnicodeDecodeError) as error:
            raise BadInput(f"text format parsing error in line {number}: {error}") from error
    if body and not body.endswith(b"\n"):
        last = body.count(b"\n") + 1
        raise BadInput(f"text format parsing error in line {last}: unexpected end of input stream")
    return [family for family in reader.families.values() if family.metric]


class _TextReader:
    """Collects families line by line."""

    def __init__(self) -> None:
        self.families: dict[str, MetricFamily] = {}
        self._metrics: dict[tuple[str, Labels], Metric] = {}

    def read(self, line: str) -> None:
        text = line.lstrip(" \t")
        if text.startswith("#"):
            found = parse_metadata(text)
            if found is not None:
                self._describe(*found)
        elif text:
            self._sample(text)

    def _describe(self, kind: str, name: str, text: str) -> None:
        family = self._family(name)
        if kind == "help":
            family.help = text.encode()
        elif kind == "type":
            if family.metric:
                raise BadInput(
                    f'second TYPE line for metric name "{name}", or TYPE reported after samples'
                )
            family.type = _TYPES[text]

    def _family(self, name: str) -> MetricFamily:
        if name not in self.families:
            self.families[name] = MetricFamily(name=name.encode(), type=UNTYPED)
        return self.families[name]

    def _sample(self, line: str) -> None:
        sample = parse_sample(line)
        name = sample.labels.get("__name__")
        family, suffix = self._home(name)
        own = _OWN_LABEL.get(family.type, "")
        labels = sample.labels.without("__name__", own)
        metric = self._metric(family, labels, is_shared=bool(own))
        if sample.timestamp_ms is not None:
            metric.timestamp_ms = sample.timestamp_ms
        if family.type in _SINGLE:
            getattr(metric, _SINGLE[family.type]).value = sample.value
        else:
            _set_part(metric, family.type, suffix, sample.labels.get(own), sample.value)

    def _home(self, name: str) -> tuple[MetricFamily, str]:
        """The family a sample belongs to, and what its name has beyond the family's."""
        for suffix in ("_bucket", "_sum", "_count"):
            base = self.families.get(name.removesuffix(suffix))
            if base is not None and name.endswith(suffix) and suffix in _PARTS.get(base.type, ()):
                return base, suffix
        return self._family(name), ""

    def _metric(self, family: MetricFamily, labels: Labels, *, is_shared: bool) -> Metric:
        key = (family.name.decode(), labels)
        metric = self._metrics.get(key) if is_shared else None
        if metric is None:
            metric = family.metric.add()
            set_labels(metric, dict(labels))
            self._metrics[key] = metric
        return metric


def _set_part(metric: Metric, kind: int, suffix: str, bound: str, value: float) -> None:
    part = metric.summary if kind == SUMMARY else metric.histogram
    if suffix == "_sum":
        part.sum = value
    elif suffix == "_count":
        part.count = _count(kind, value)
    elif kind == SUMMARY:
        metric.summary.quantile.add(quantile=_bound(kind, bound), value=value)
    else:
        metric.histogram.bucket.add(upper_bound=_bound(kind, bound), count=_count(kind, value))


def _bound(kind: int, text: str) -> float:
    try:
        return parse_float(text.encode()) if text else float("nan")
    except BadInput:
        name = _OWN_LABEL[kind]
        raise BadInput(f"expected float as value for '{name}' label, got \"{text}\"") from None


def _count(kind: int, value: float) -> int:
    if value < 0:
        raise BadInput(f"negative count for {TYPE_NAMES[kind]}")
    if not value < _MAX_COUNT:
        raise BadInput(f"count {value} of a {TYPE_NAMES[kind]} is not below 2^64")
    return int(value)


# -- writing


def delimited(families: Iterable[MetricFamily]) -> bytes:
    """Families, each after its length as a varint."""
    parts = []
    for family in families:
        data = family.SerializeToString()
        length, head = len(data), bytearray()
        while length > 0x7F:
            head.append(length & 0x7F | 0x80)
            length >>= 7
        parts += [bytes([*head, length]), data]
    return b"".join(parts)


def print_text(families: Iterable[MetricFamily]) -> bytes:
    """Families in the text format 0.0.4."""
    lines: list[str] = []
    for family in families:
        name = family.name.decode()
        if family.help:
            text = family.help.decode().replace("\\", r"\\").replace("\n", r"\n")
            lines.append(f"# HELP {_shown_name(name)} {text}")
        kind = HISTOGRAM if family.type == GAUGE_HISTOGRAM else family.type
        lines.append(f"# TYPE {_shown_name(name)} {TYPE_NAMES[kind]}")
        lines += [
            f"{_shown_series(sample, pairs)} {print_general(value)}"
            for metric in family.metric
            for sample, pairs, value in points(family, metric)
        ]
    return "".join(line + "\n" for line in lines).encode()


def points(
    family: MetricFamily, metric: Metric
) -> Iterator[tuple[str, Sequence[tuple[str, str]], float]]:
    """(name, label pairs, value) of each sample a metric stands for, classic buckets."""
    name, labels = family.name.decode(), list(labels_of(metric).items())
    if family.type in _SINGLE:
        yield name, labels, getattr(metric, _SINGLE[family.type]).value
        return
    if family.type == SUMMARY:
        for quantile in metric.summary.quantile:
            yield name, [*labels, ("quantile", print_general(quantile.quantile))], quantile.value
        yield f"{name}_sum", labels, metric.summary.sum
        yield f"{name}_count", labels, float(metric.summary.count)
        return
    histogram = metric.histogram
    total = histogram.count_float or float(histogram.count)
    bounds = [(b.upper_bound, b.count_float or float(b.count)) for b in histogram.bucket]
    if not bounds or bounds[-1][0] != float("inf"):
        bounds.append((float("inf"), total))
    for bound, count in bounds:
        yield f"{name}_bucket", [*labels, ("le", print_general(bound))], count
    yield f"{name}_sum", labels, histogram.sum
    yield f"{name}_count", labels, total


def _shown_name(name: str) -> str:
    is_plain = name.replace(":", "_").isidentifier() and name.isascii()
    return name if is_plain else _quoted(name)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
    return f'"{escaped}"'


def _shown_series(name: str, pairs: Sequence[tuple[str, str]]) -> str:
    shown = [f"{_shown_name(label)}={_quoted(value)}" for label, value in pairs]
    first = _shown_name(name)
    if first.startswith('"'):
        return f"{{{','.join([first, *shown])}}}"
    return f"{first}{{{','.join(shown)}}}" if shown else first
