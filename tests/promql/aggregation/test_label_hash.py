"""XXH64 against published values, and Prometheus' layout of labels."""

from __future__ import annotations

from appliance.model.labels import Labels
from appliance.promql.aggregation.label_hash import label_hashes, xxh64


def test_known_hashes() -> None:
    known = {
        b"": 0xEF46DB3751D8E999,
        b"a": 0xD24EC4F1A98C6E5B,
        b"as": 0x1C330FB2D66BE179,
        b"asd": 0x631C37CE72A97393,
        b"asdf": 0x415872F599CEA71E,
        b"Call me Ishmael. Some years ago--never mind how long precisely-": 0x02A2E85470D6FD96,
    }
    assert xxh64(list(known)).tolist() == list(known.values())


def test_each_hash_is_independent_of_the_others() -> None:
    texts = [bytes(range(size)) for size in range(100)]
    assert xxh64(texts).tolist() == [int(xxh64([text])[0]) for text in texts]
    assert len(set(xxh64(texts).tolist())) == 100


def test_labels_are_hashed_with_their_lengths() -> None:
    found = label_hashes([Labels.of({"a": "bc", "d": "x" * 300})])
    text = b"\x01a\x02bc\x01d\xff\x2c\x01\x00" + b"x" * 300
    assert found.tolist() == xxh64([text]).tolist()


def test_no_labels() -> None:
    assert label_hashes([]).tolist() == []
    assert label_hashes([Labels()]).tolist() == [0xEF46DB3751D8E999]
