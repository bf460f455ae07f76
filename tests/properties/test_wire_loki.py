from __future__ import annotations

from contextlib import suppress

import orjson
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import BadInput, TooLarge
from appliance.model.labels import Labels
from appliance.model.log import StreamBatch
from appliance.wire import snappy
from appliance.wire.loki import decode_push_json, decode_push_protobuf
from appliance.wire.loki_labels import parse_labels
from appliance.wire.messages.loki_push_pb2 import PushRequest
from tests.random_examples import examples

bounded = examples(60)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
names = st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True)
labels = st.dictionaries(names, texts, max_size=3).filter(lambda pairs: any(pairs.values()))
times = st.integers(0, 2**62)
entries = st.lists(st.tuples(times, texts, st.dictionaries(names, texts, max_size=2)), max_size=5)
streams = st.lists(st.tuples(labels, entries), max_size=4)
Entry = tuple[int, str, dict[str, str]]
Stream = tuple[dict[str, str], list[Entry]]


def expected(pushed: list[Stream]) -> dict[Labels, list[tuple[int, bytes, object]]]:
    found: dict[Labels, list[tuple[int, bytes, object]]] = {
        Labels.of(pairs): [] for pairs, _ in pushed
    }
    for pairs, items in pushed:
        for time_ns, line, metadata in items:
            kept = (time_ns, line.encode(), tuple(sorted(metadata.items())))
            found[Labels.of(pairs)].append(kept)
    return found


def columns(batches: list[StreamBatch]) -> dict[Labels, list[tuple[int, bytes, object]]]:
    assert len({batch.labels for batch in batches}) == len(batches)
    return {
        batch.labels: list(
            zip(
                batch.timestamps_ns.tolist(),
                batch.lines,
                batch.metadata if batch.metadata is not None else [()] * len(batch.lines),
                strict=True,
            )
        )
        for batch in batches
    }


def label_text(pairs: dict[str, str]) -> str:
    return "{" + ", ".join(f"{key}={quoted(value)}" for key, value in pairs.items()) + "}"


def quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


@bounded
@given(streams)
def test_a_json_push_is_read_back(pushed: list[Stream]) -> None:
    document = {
        "streams": [
            {
                "stream": pairs,
                "values": [
                    [str(time_ns), line, metadata] if metadata else [str(time_ns), line]
                    for time_ns, line, metadata in items
                ],
            }
            for pairs, items in pushed
        ]
    }

    assert columns(decode_push_json(orjson.dumps(document), now_ns=1)) == expected(pushed)


@bounded
@given(streams)
def test_a_protobuf_push_is_read_back(pushed: list[Stream]) -> None:
    request = PushRequest()
    for pairs, items in pushed:
        stream = request.streams.add(labels=label_text(pairs).encode())
        for time_ns, line, metadata in items:
            entry = stream.entries.add(line=line.encode())
            entry.timestamp.seconds, entry.timestamp.nanos = divmod(time_ns, 10**9)
            for key, value in metadata.items():
                entry.structured_metadata.add(name=key.encode(), value=value.encode())

    body = snappy.decompress(snappy.compress(request.SerializeToString()), limit=10**6)

    assert columns(decode_push_protobuf(body)) == expected(pushed)


@bounded
@given(labels)
def test_label_text_is_read_back(pairs: dict[str, str]) -> None:
    assert parse_labels(label_text(pairs)) == Labels.of(pairs)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["streams", "stream", "values", "labels", "entries", "line", "ts", "a"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@bounded
@given(st.binary(max_size=60), st.lists(json_values, max_size=3), texts)
def test_damage_is_bad_input_and_nothing_else(body: bytes, values: list[object], text: str) -> None:
    for document in (
        {"streams": values},
        {"streams": [{"stream": {}, "values": values}]},
        {"streams": [{"stream": {}, "values": [["1", "x"], values]}]},
        {"streams": [{"labels": "{}", "entries": values}]},
    ):
        with suppress(BadInput):
            decode_push_json(orjson.dumps(document), now_ns=1)
    with suppress(BadInput):
        decode_push_json(body, now_ns=1)
    with suppress(BadInput):
        decode_push_protobuf(body)
    with suppress(BadInput):
        parse_labels(text)
    with suppress(BadInput):
        parse_labels('{a="' + text)
    with suppress(BadInput, TooLarge):
        snappy.decompress(body, limit=1000)
