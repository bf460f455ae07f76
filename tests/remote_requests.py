"""Remote write requests as tests write them down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from appliance.wire.messages import remote_pb2 as pb

NOW = 1_700_000_000_000
Points = Sequence[tuple[int, float]]


def series_v1(labels: Mapping[str, str], points: Points = ()) -> pb.TimeSeries:
    """A series of version 1."""
    found = pb.TimeSeries(
        labels=[pb.Label(name=k.encode(), value=v.encode()) for k, v in labels.items()]
    )
    for time_ms, value in points:
        found.samples.add(value=value, timestamp=time_ms)
    return found


def request_v1(series: Iterable[pb.TimeSeries]) -> bytes:
    """A request of version 1, not compressed."""
    data: bytes = pb.WriteRequest(timeseries=list(series)).SerializeToString()
    return data


class Request2:
    """A request of version 2 in the making."""

    def __init__(self) -> None:
        self.message = pb.Request2(symbols=[b""])

    def ref(self, text: str) -> int:
        self.message.symbols.append(text.encode())
        return len(self.message.symbols) - 1

    def series(self, labels: Mapping[str, str], points: Points = ()) -> pb.TimeSeries2:
        found: pb.TimeSeries2 = self.message.timeseries.add(
            labels_refs=[self.ref(text) for pair in labels.items() for text in pair]
        )
        for time_ms, value in points:
            found.samples.add(value=value, timestamp=time_ms)
        return found

    def encode(self) -> bytes:
        data: bytes = self.message.SerializeToString()
        return data


def native_histogram(time_ms: int, *, sum_: float = 12.5) -> pb.Histogram:
    """An integer histogram of schema 0 with buckets 0, 1 and 4."""
    return pb.Histogram(
        count_int=10,
        sum=sum_,
        schema=0,
        zero_threshold=0.001,
        zero_count_int=1,
        positive_spans=[pb.BucketSpan(offset=0, length=2), pb.BucketSpan(offset=2, length=1)],
        positive_deltas=[2, 1, 1],
        timestamp=time_ms,
    )
