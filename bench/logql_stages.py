"""Stages of LogQL pipelines alone: CPU microseconds per line, best of several runs.

One chunk of lines of about 200 bytes, nothing stored beside them: JSON with two objects inside,
flat JSON, logfmt, an access log. "wanted" is what is needed after the stages, as in a metric query
by that label; without it all labels are found, as in a log query.
"""

from __future__ import annotations

import argparse
import json
import random
import time

import numpy as np

from appliance.lines.json_line import walk
from appliance.lines.level import detect_levels
from appliance.lines.logfmt_line import pairs
from appliance.logql.grouping import group_codes
from appliance.logql.parser import parse
from appliance.logql.rows import Rows, rows_of
from appliance.logql.stages import compile_pipeline
from appliance.model.labels import Labels
from appliance.model.log import LogChunk, PlainLines

_RUNS = 7
#: Name, kind of lines, stages, labels that are wanted afterwards (None: all).
_CASES = (
    ("contains, rare", "pino", '|= "nowhere"', ()),
    ("contains, common", "pino", '|= "request completed"', ()),
    ("regex", "pino", '|~ "slow.*query|timeout"', ()),
    ("case-insensitive", "pino", '|~ "(?i)SLOW"', ()),
    ("line pattern", "pino", "|> `<_>slow query<_>`", ()),
    ("ip", "access", '|= ip("10.1.0.0/16")', ()),
    ("json", "pino", "| json", None),
    ("json, one label", "pino", "| json", ("service",)),
    ("json, nested label", "pino", "| json", ("req_method",)),
    ("json > x", "pino", "| json | duration > 3900", None),
    ("json > x, by", "pino", "| json | duration > 2000", ("service",)),
    ("json, flat", "flat", "| json", None),
    ("json, flat, one label", "flat", "| json", ("service",)),
    ("json, flat, floats", "flat", "| json", ("took",)),
    ("json, a tenth broken", "mixed", "| json", None),
    ("json paths", "pino", '| json m="req.method", d="duration"', None),
    ("logfmt", "logfmt", "| logfmt", None),
    ("logfmt, one label", "logfmt", "| logfmt", ("level",)),
    ("logfmt keys", "logfmt", '| logfmt lvl="level", took="duration"', None),
    ("logfmt --keep-empty", "logfmt", "| logfmt --keep-empty", None),
    ("pattern", "access", '| pattern `<ip> <_> "<method> <path> <_>" <status> <size> <_>`', None),
    ("pattern, one label", "access", '| pattern `<_> "<_>" <status> <_>`', ("status",)),
    ("regexp", "access", r'| regexp `"(?P<method>\w+) (?P<path>\S+)`', None),
    ("unpack", "packed", "| unpack", None),
    ("decolorize", "pino", "| decolorize", ()),
    ("label filter, text", "pino", '| json | service=~"a.+"', ("service",)),
    ("drop", "pino", "| json | drop reqId, msg", None),
    ("keep", "pino", "| json | keep service", None),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=5000)
    parser.add_argument("name", nargs="?", help="only stages with this in their name")
    chosen = parser.parse_args()
    random.seed(1)
    chunks = {kind: _chunk(kind, chosen.lines) for kind in _LINES}
    print(f"{'':26}{'bytes/line':>10}{'us/line':>10}{'rows left':>12}")
    for name, kind, text, wanted in _CASES:
        if chosen.name and chosen.name not in name:
            continue
        pipeline = compile_pipeline(
            parse(f'{{a="b"}} {text}').stages,
            wanted=None if wanted is None else frozenset(wanted),
        )
        chunk = chunks[kind]
        seconds, rows = _best(lambda p=pipeline, c=chunk: p.run(rows_of(c)))
        _show(name, chunk, seconds, len(rows))
    if not chosen.name:
        _others(chunks)


def _others(chunks: dict[str, LogChunk]) -> None:
    for name, kind, read in (("one by one, json", "pino", walk), ("…, logfmt", "logfmt", pairs)):
        lines = list(PlainLines(chunks[kind].text, chunks[kind].offsets))
        seconds, _ = _best(lambda r=read, ls=lines: [list(r(line)) for line in ls])
        _show(name, chunks[kind], seconds, len(lines))
    for kind in ("pino", "flat", "logfmt", "access"):
        chunk = chunks[kind]
        seconds, found = _best(lambda c=chunk: detect_levels(c.text, c.offsets, Labels(), None))
        _show(f"level, {kind}", chunk, seconds, len(found))
    rows = compile_pipeline(parse('{a="b"} | json').stages).run(rows_of(chunks["pino"]))
    for names in (("service",), ("service", "req_method", "level"), None):
        seconds, _ = _best(lambda r=rows, n=names: group_codes(r, n))
        _show(f"groups by {'all' if names is None else len(names)}", chunks["pino"], seconds, 0)


def _best(run: object) -> tuple[float, Rows]:
    times = []
    for _ in range(_RUNS):
        start = time.process_time()
        found = run()  # type: ignore[operator]
        times.append(time.process_time() - start)
    return min(times), found


def _show(name: str, chunk: LogChunk, seconds: float, left: int) -> None:
    size, each = len(chunk.text) / len(chunk), seconds / len(chunk) * 1e6
    print(f"{name:26}{size:10.0f}{each:10.2f}{left:12}")


def _chunk(kind: str, count: int) -> LogChunk:
    lines = PlainLines.of([_LINES[kind](number).encode() for number in range(count)])
    labels = Labels.of({"app": "shop"})
    times, ids = np.arange(count, dtype=np.int64), np.zeros(count, dtype=np.int32)
    return LogChunk(labels, times, lines, [()], ids)


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _pino(number: int) -> str:
    value = {
        "level": random.choice([30, 40, 50]),
        "time": 1740391383984 + number,
        "hostname": "web-1",
        "service": random.choice(["auth", "billing", "invoices"]),
        "reqId": f"req-{random.getrandbits(32):08x}",
        "msg": random.choice(["request completed"] * 9 + ["slow query detected"]),
        "duration": random.randrange(4000),
        "req": {"method": random.choice(["GET", "PUT"]), "url": f"/api/{random.randrange(99)}"},
        "res": {"status": 200},
    }
    return _compact(value)


def _flat(number: int) -> str:
    value = {
        "level": "info",
        "ts": f"2025-01-01T00:00:00.{number:06d}Z",
        "caller": "foo.go:12",
        "service": random.choice(["auth", "billing"]),
        "reqId": f"req-{random.getrandbits(32):08x}",
        "msg": "request completed ok",
        "took": round(random.random() * 100, 3),
        "status": random.choice([200, 404, 500]),
        "path": f"/api/v1/x/{random.randrange(300)}",
        "method": "GET",
    }
    return _compact(value)


def _logfmt(number: int) -> str:
    return (
        f"level={random.choice(['info', 'warn'])} ts=2025-02-24T11:33:57.{number:06d}Z"
        f" caller=metrics.go:{random.randrange(300)} component=frontend org_id=23 latency=fast"
        f' msg="request done ok {random.randrange(50)}" length=24h0m0s'
        f" duration={random.random() * 10:.3f}s status={random.choice([200, 499])}"
    )


def _access(_: int) -> str:
    address = ".".join(str(random.choice([10, 1, 3, 7])) for _ in range(4))
    return (
        f'{address} - - [24/Feb/2025:10:00:12 +0000] "GET /api/v1/items/{random.randrange(999)}'
        f' HTTP/1.1" {random.choice([200, 404])} {random.randrange(9999)} "-" "Mozilla/5.0 (X11;'
        f' Linux x86_64)" rt={random.random():.3f}'
    )


def _mixed(number: int) -> str:
    return _pino(number) if random.random() < 0.9 else "Error: something is wrong\tat main()"


def _packed(number: int) -> str:
    return _compact({"container": "api", "pod": f"p-{number % 5}", "_entry": _logfmt(number)})


_LINES = {
    "pino": _pino,
    "flat": _flat,
    "mixed": _mixed,
    "logfmt": _logfmt,
    "access": _access,
    "packed": _packed,
}


if __name__ == "__main__":
    main()
