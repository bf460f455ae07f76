"""Token filter: never misses what is there, mostly refuses what is not."""

from __future__ import annotations

import pytest

from appliance.store.codec import Damaged, encode_bytes
from appliance.store.logs.chunks.token_filter import build_filter, decode_filter, needle_hashes

LONG = "x" * 200
TEXT = f'{{"level":"error","id":"{LONG}","n":12,"über":"straße a_b"}}\nnext line\n'.encode()


@pytest.mark.parametrize(
    "needle",
    ['"level"', ':"error"', f'"{LONG}"', ":12,", '"stra', 'ße a_b"', "\nnext line\n", '"n":12'],
)
def test_a_needle_that_is_there_is_allowed(needle: str) -> None:
    assert needle.encode() in TEXT
    assert decode_filter(build_filter(TEXT)).may_contain(needle_hashes((needle.encode(),)))


@pytest.mark.parametrize(
    "needle", ['"warn"', '"Level"', f'"{LONG}x"', ",13,", '"a"', "(next,line2)", '"leve"']
)
def test_a_needle_whose_inner_token_is_not_there_is_refused(needle: str) -> None:
    assert not decode_filter(build_filter(TEXT)).may_contain(needle_hashes((needle.encode(),)))


@pytest.mark.parametrize("needle", [b"", b"warn", b"or", b"foo bar", b"  ", b'"lev', b"x]"])
def test_pieces_at_the_ends_of_a_needle_tell_nothing(needle: bytes) -> None:
    assert len(needle_hashes((needle,))) == 0


def test_all_needles_must_be_allowed() -> None:
    blob = build_filter(TEXT)
    assert decode_filter(blob).may_contain(needle_hashes((b'"error"', b'"n"')))
    assert not decode_filter(blob).may_contain(needle_hashes((b'"error"', b'"m"')))


def test_tokens_of_every_length_are_found_and_few_others_are() -> None:
    there = [f"t{n}" * (n % 40 + 1) for n in range(5000)]
    blob = build_filter(" ".join(there).encode())
    assert all(
        decode_filter(blob).may_contain(needle_hashes((f" {one} ".encode(),))) for one in there[::7]
    )
    hits = sum(
        decode_filter(blob).may_contain(needle_hashes((f" q{n} ".encode(),))) for n in range(3000)
    )
    assert hits < 3000 * 0.03


@pytest.mark.parametrize("text", [b"", b"\n", b"\n\n", b"  \n", b"a"])
def test_texts_with_few_or_no_tokens_have_a_filter(text: bytes) -> None:
    assert not decode_filter(build_filter(text)).may_contain(needle_hashes((b" b ",)))


def test_other_blobs_are_damaged() -> None:
    tokens = needle_hashes((b" a ",))
    for blob in (
        b"",
        encode_bytes(b""),
        encode_bytes(b"\x09" + bytes(20)),
        build_filter(TEXT)[:-1],
    ):
        with pytest.raises(Damaged):
            decode_filter(blob).may_contain(tokens)


def test_long_texts_have_all_tokens_of_their_lines() -> None:
    lines = [b"%x line of token%d and_a_longer_token_%d" % (n, n, n) for n in range(20_000)]
    found = decode_filter(build_filter(b"\n".join([*lines, b""])))

    for line in lines[::97]:
        assert found.may_contain(needle_hashes((b" " + line + b" ",)))
    absent = [needle_hashes((b" token%d " % n,)) for n in range(20_000, 21_000)]
    assert sum(map(found.may_contain, absent)) < 50
