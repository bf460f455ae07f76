"""Trace ids as Jaeger reads and prints them (jaeger-idl, model/v1/ids.go)."""

from __future__ import annotations

import re

from appliance.base.errors import BadInput

_HEX = re.compile(r"[0-9a-fA-F]+", re.ASCII)


def parse_trace_id(text: str) -> bytes:
    """Up to 32 hexadecimal digits, padded with zeros on the left.

    Raises:
        BadInput: In Jaeger's words.
    """
    if len(text) > 32:
        raise BadInput(f"TraceID cannot be longer than 32 hex characters: {text}")
    for part in (text[:-16], text[-16:]) if len(text) > 16 else (text,):
        if not _HEX.fullmatch(part):
            raise BadInput(f'strconv.ParseUint: parsing "{part}": invalid syntax')
    return bytes.fromhex(text.rjust(32, "0"))


def print_trace_id(trace_id: bytes) -> str:
    """16 digits when the upper half is zero, else 32."""
    text = trace_id.hex()
    return text[16:] if text.startswith("0" * 16) else text
