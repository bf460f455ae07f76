"""Trace ids as Tempo reads them from text (grafana/tempo, pkg/util/traceid.go)."""

from __future__ import annotations

import re

from appliance.base.errors import BadInput

_HEX = re.compile(r"[0-9a-fA-F]*", re.ASCII)
_DIGITS = 32


def parse_trace_id(text: str) -> bytes:
    """Up to 32 hexadecimal digits, padded with zeros on the left: 16 bytes.

    Raises:
        BadInput: Anything else.
    """
    match = _HEX.match(text)
    end = match.end() if match else 0
    if end < len(text):
        raise BadInput(
            "trace IDs can only contain hex characters:"
            f" invalid character '{text[end]}' at position {end + 1}"
        )
    if len(text) > _DIGITS:
        raise BadInput("trace IDs can't be larger than 128 bits")
    return bytes.fromhex(text.rjust(_DIGITS, "0"))
