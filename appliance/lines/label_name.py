"""Names and values of labels made of what parsers find, as Loki makes them."""

from __future__ import annotations

import codecs
import functools
import re

_NOT_OF_NAMES = re.compile(r"[^a-zA-Z0-9_]")
#: What Go's strings.TrimSpace takes away.
_BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
#: What stands for a byte that is no UTF-8.
REPLACEMENT = "\ufffd"
#: Longer names are made anew each time, lest a cache of them fill the memory.
_LONGEST_CACHED = 256


def _replace_each_byte(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return REPLACEMENT * (error.end - error.start), error.end


codecs.register_error("replace-each-byte", _replace_each_byte)


def decoded(data: bytes) -> str:
    """The text of UTF-8; every byte that belongs to no character becomes REPLACEMENT, as in Go."""
    return data.decode("utf-8", "replace-each-byte")


def value_text(data: bytes) -> str:
    """The value of a label; what is no UTF-8, and REPLACEMENT itself, becomes a blank."""
    return decoded(data).replace(REPLACEMENT, " ")


def nested_name(prefix: str, key: str) -> str:
    """The name of a key within an object whose own name is `prefix`, empty at the top."""
    if len(prefix) + len(key) <= _LONGEST_CACHED:
        return _cached_name(prefix, key)
    return _make_name(prefix, key)


def sanitized(key: str) -> str:
    """A key as the name of a label; empty when there is nothing but blanks in it."""
    return nested_name("", key)


def _make_name(prefix: str, key: str) -> str:
    part = _NOT_OF_NAMES.sub("_", key.strip(_BLANKS))
    if prefix:
        return f"{prefix}_{part}" if part else prefix
    return f"_{part}" if part[:1].isdigit() else part


_cached_name = functools.lru_cache(maxsize=8192)(_make_name)
