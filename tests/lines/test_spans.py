from __future__ import annotations

import numpy as np

from appliance.lines import spans
from appliance.lines.spans import code_spans, words_of
from appliance.model.log import PlainLines


def coded(pieces: list[bytes]) -> tuple[list[int], list[int]]:
    lines = PlainLines.of(pieces)
    words = words_of(lines.text)
    codes, first = code_spans(lines.text, words, lines.offsets[:-1], lines.offsets[1:] - 1)
    return codes.tolist(), first.tolist()


def test_equal_pieces_have_one_code() -> None:
    pieces = [b"a", b"", b"twelve bytes", b"a", b"twelve bytez", b"", b"twelve bytes"]

    codes, first = coded(pieces)

    assert [pieces[first[code]] for code in codes] == pieces
    assert len(first) == 4


def test_many_pieces_that_share_slots() -> None:
    pieces = [b"%d" % (number % 5000) for number in range(20_000)]

    codes, first = coded(pieces)

    assert [pieces[first[code]] for code in codes] == pieces
    assert len(first) == 5000


def test_pieces_of_equal_hashes_are_compared() -> None:
    pieces = [b"twelve bytes", b"twelve bytez", b"twelve bytes"]
    lines = PlainLines.of(pieces)
    words, starts = words_of(lines.text), lines.offsets[:-1]
    lengths = lines.offsets[1:] - 1 - starts

    assert spans._are_equal(words, starts, lengths, np.array([0, 1, 0]))
    assert not spans._are_equal(words, starts, lengths, np.array([0, 0, 0]))
