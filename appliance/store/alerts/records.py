"""Alerts, silences, log entries and rule states ↔ blobs.

JSON, of large values compressed with zstd; the first byte tells them apart. Times are texts: a
silence may last until the year 9999, which nanoseconds in 64 bits do not reach.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

import orjson

from appliance.base import zstd
from appliance.base.errors import BadInput
from appliance.model.alert import Alert
from appliance.model.labels import Labels
from appliance.model.matcher import Matcher, MatchOp
from appliance.model.notification import LogEntry, LogKey
from appliance.model.rule_alert import RuleAlert
from appliance.model.silence import Silence
from appliance.store.codec import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Smaller texts are not worth compressing.
_COMPRESSED_FROM_BYTES = 600
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_BIG = struct.Struct(">q")


def number_of(fingerprint: str) -> int:
    """A fingerprint as the signed number it is stored as.

    Raises:
        BadInput: Not 16 hex digits.
    """
    try:
        return int(_BIG.unpack(bytes.fromhex(fingerprint))[0])
    except (ValueError, struct.error) as error:
        raise BadInput(f"fingerprint {fingerprint!r} is not 16 hex digits") from error


def fingerprint_of(number: int) -> str:
    """The fingerprint of a stored number."""
    return _BIG.pack(number).hex()


def numbers_of(fingerprints: Iterable[str]) -> list[int]:
    """Numbers of those fingerprints that are such; others stand for no alert."""
    found = []
    for fingerprint in fingerprints:
        try:
            found.append(number_of(fingerprint))
        except BadInput:
            continue
    return found


def pack(value: Any) -> bytes:
    """JSON, compressed if that is worth it; what JSON does not know becomes its text."""
    try:
        text = orjson.dumps(value, default=str)
    except TypeError:  # a key that is no text, half of a surrogate pair, a very large number
        text = json.dumps(value, default=str, skipkeys=True).encode()
    return text if len(text) < _COMPRESSED_FROM_BYTES else zstd.compress_small(text)


def unpack(blob: bytes) -> Any:
    """What `pack` was given.

    Raises:
        Damaged: Not such a blob.
    """
    try:
        text = zstd.decompress(blob) if blob.startswith(_ZSTD_MAGIC) else blob
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return json.loads(text)
    except (zstd.ZstdError, ValueError) as error:
        raise Damaged(str(error)) from error


def encode_alert(alert: Alert) -> bytes:
    """An alert; its fingerprint is kept beside."""
    return pack(
        [
            dict(alert.labels),
            dict(alert.annotations),
            f"{alert.starts_ns} {alert.ends_ns} {alert.updated_ns}",
            alert.generator_url,
            alert.has_timeout,
        ]
    )


def decode_alert(fingerprint: int, blob: bytes) -> Alert:
    """The alert of `encode_alert`."""
    labels, annotations, times, generator_url, has_timeout = unpack(blob)
    starts_ns, ends_ns, updated_ns = map(int, times.split())
    return Alert(
        Labels(labels.items()),
        annotations,
        starts_ns,
        ends_ns,
        updated_ns,
        generator_url,
        has_timeout,
        fingerprint_of(fingerprint),
    )


def encode_silence(silence: Silence) -> bytes:
    """A silence; its id is kept beside."""
    return pack(
        [
            [[one.name, one.op.value, one.value] for one in silence.matchers],
            f"{silence.starts_ns} {silence.ends_ns} {silence.updated_ns}",
            silence.created_by,
            silence.comment,
            dict(silence.annotations),
        ]
    )


def decode_silence(name: str, blob: bytes) -> Silence:
    """The silence of `encode_silence`."""
    matchers, times, created_by, comment, annotations = unpack(blob)
    starts_ns, ends_ns, updated_ns = map(int, times.split())
    found = tuple(Matcher(name, MatchOp(op), value) for name, op, value in matchers)
    return Silence(name, found, starts_ns, ends_ns, updated_ns, created_by, comment, annotations)


def encode_entry(entry: LogEntry) -> bytes:
    """An entry of the notification log; its key is kept beside."""
    times = f"{entry.sent_ns} {entry.expires_ns}"
    return pack([times, sorted(entry.firing), sorted(entry.resolved), dict(entry.data)])


def decode_entry(key: LogKey, blob: bytes) -> LogEntry:
    """The entry of `encode_entry`."""
    times, firing, resolved, data = unpack(blob)
    sent_ns, expires_ns = map(int, times.split())
    return LogEntry(key, sent_ns, frozenset(firing), frozenset(resolved), expires_ns, data)


def encode_rule_alerts(alerts: Sequence[RuleAlert]) -> bytes:
    """The alerts of a rule."""
    return pack(
        [
            [
                dict(alert.labels),
                dict(alert.annotations),
                repr(alert.value),  # JSON has no NaN
                alert.state,
                alert.active_ms,
                alert.fired_ms,
                alert.resolved_ms,
                alert.keep_firing_since_ms,
                alert.last_sent_ms,
            ]
            for alert in alerts
        ]
    )


def decode_rule_alerts(blob: bytes) -> tuple[RuleAlert, ...]:
    """The alerts of `encode_rule_alerts`."""
    return tuple(
        RuleAlert(Labels(labels.items()), annotations, float(value), state, *times)
        for labels, annotations, value, state, *times in unpack(blob)
    )
