"""The messages of Loki's protobuf answers, declared for reading (queryrange.proto)."""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_STRING, _DOUBLE, _INT, _BOOL, _MESSAGE = 9, 1, 3, 8, 11

#: Message → field → (number, type or message, repeated).
_MESSAGES: dict[str, dict[str, tuple[int, int | str, bool]]] = {
    "QueryResponse": {
        "status": (1, "Status", False),
        "series": (2, "Series", False),
        "labels": (3, "Strings", False),
        "stats": (4, "IndexStats", False),
        "prom": (5, "Prom", False),
        "streams": (6, "Streams", False),
    },
    "Status": {"code": (1, _INT, False)},
    "Series": {
        "status": (1, _STRING, False),
        "data": (2, "Identifier", True),
        "version": (3, _INT, False),
    },
    "Identifier": {"labels": (1, "Pair", True)},
    "Pair": {"name": (1, _STRING, False), "value": (2, _STRING, False)},
    "Strings": {
        "status": (1, _STRING, False),
        "data": (2, _STRING, True),
        "version": (3, _INT, False),
    },
    "IndexStats": {"response": (1, "Counts", False)},
    "Counts": {
        "streams": (1, _INT, False),
        "chunks": (2, _INT, False),
        "bytes": (3, _INT, False),
        "entries": (4, _INT, False),
    },
    "Prom": {"response": (1, "PromResponse", False), "statistics": (2, "Stats", False)},
    "PromResponse": {
        "status": (1, _STRING, False),
        "data": (2, "PromData", False),
        "warnings": (6, _STRING, True),
    },
    "PromData": {"type": (1, _STRING, False), "result": (2, "SampleStream", True)},
    "SampleStream": {"labels": (1, "Pair", True), "samples": (2, "Sample", True)},
    "Sample": {"value": (1, _DOUBLE, False), "timestamp_ms": (2, _INT, False)},
    "Streams": {
        "status": (1, _STRING, False),
        "data": (2, "StreamData", False),
        "direction": (5, _INT, False),
        "limit": (6, _INT, False),
        "version": (7, _INT, False),
        "statistics": (8, "Stats", False),
        "warnings": (10, _STRING, True),
    },
    "StreamData": {"type": (1, _STRING, False), "result": (2, "Stream", True)},
    "Stream": {"labels": (1, _STRING, False), "entries": (2, "Entry", True)},
    "Entry": {
        "time": (1, "Time", False),
        "line": (2, _STRING, False),
        "metadata": (3, "Pair", True),
        "parsed": (4, "Pair", True),
    },
    "Time": {"seconds": (1, _INT, False), "nanos": (2, _INT, False)},
    "Stats": {"summary": (1, "Summary", False), "querier": (2, "Querier", False)},
    "Summary": {
        "bytes_per_second": (1, _INT, False),
        "bytes": (3, _INT, False),
        "lines": (4, _INT, False),
        "exec_time": (5, _DOUBLE, False),
        "queue_time": (6, _DOUBLE, False),
        "entries": (8, _INT, False),
        "post_filter_lines": (11, _INT, False),
        "metadata_bytes": (12, _INT, False),
    },
    "Querier": {"store": (1, "Store", False)},
    "Store": {"chunks": (1, _INT, False), "chunk": (4, "Chunk", False)},
    "Chunk": {"bytes": (6, _INT, False), "lines": (7, _INT, False)},
}


def _make() -> type[Any]:
    file = descriptor_pb2.FileDescriptorProto(name="loki_answers.proto", syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for key, (number, kind, is_repeated) in fields.items():
            field = message.field.add(name=key, number=number, label=3 if is_repeated else 1)
            if isinstance(kind, str):
                field.type, field.type_name = _MESSAGE, kind
            else:
                field.type = kind
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found: type[Any] = message_factory.GetMessageClass(pool.FindMessageTypeByName("QueryResponse"))
    return found


QueryResponse = _make()


def read(body: bytes) -> Any:
    """An answer."""
    return QueryResponse.FromString(body)
