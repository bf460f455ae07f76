from __future__ import annotations

import pytest

from appliance.base.errors import BadInput, TooLarge
from appliance.wire import snappy


def test_decompress_is_the_opposite_of_compress() -> None:
    assert snappy.decompress(snappy.compress(b"abc" * 1000), limit=3000) == b"abc" * 1000


def test_decompress_refuses_by_the_announced_size_before_decompressing() -> None:
    bomb = snappy.compress(bytes(10_000))

    with pytest.raises(TooLarge, match="10000 bytes exceeds the limit of 9999") as caught:
        snappy.decompress(bomb, limit=9_999)

    assert caught.value.limit == "limits.decompressed_bytes"


@pytest.mark.parametrize("body", [b"", b"\x05abc", b"\xff\xff\xff\xff\xff\xff", b"\x03\x08"])
def test_decompress_refuses_what_is_no_block(body: bytes) -> None:
    with pytest.raises(BadInput, match="snappy"):
        snappy.decompress(body, limit=10**9)
