"""How Loki's API answers: JSON, or protobuf for a client that accepts nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

JSON = "application/json; charset=UTF-8"
_PROTOBUF = "application/vnd.google.protobuf"
_PARQUET = "application/vnd.apache.parquet"
_LEGACY = "/api/prom/"


def is_protobuf(request: web.Request) -> bool:
    """Whether the client takes protobuf: Loki looks for exactly this, and for nothing in a list.

    Raises:
        BadInput: It takes Parquet, which Loki has turned off unless told otherwise.
    """
    accepted = request.headers.get("Accept", "")
    if accepted == _PARQUET:
        raise BadInput(
            "support for Parquet encoded responses is disabled."
            " Enable with -frontend.support-parquet-encoding=true"
        )
    return accepted == _PROTOBUF


def is_legacy(request: web.Request) -> bool:
    """Whether the path is one of those below `/api/prom`, whose answers have another form."""
    return request.path.startswith(_LEGACY)


def encoding_flags(request: web.Request) -> tuple[str, ...]:
    """Of `X-Loki-Response-Encoding-Flags`."""
    flags = request.headers.get("X-Loki-Response-Encoding-Flags", "")
    return tuple(flags.split(",")) if flags else ()


def answer(body: bytes) -> web.Response:
    """A JSON answer that is encoded already."""
    return web.Response(body=body, headers={"Content-Type": JSON})


def protobuf_answer(body: bytes) -> web.Response:
    """A protobuf answer that is encoded already."""
    return web.Response(body=body, headers={"Content-Type": _PROTOBUF})


def strings_answer(request: web.Request, names: Sequence[str]) -> web.Response:
    """Names or values of labels, in the form that the client takes."""
    from appliance.wire import loki_json, loki_proto  # noqa: PLC0415 - not before the first query

    if is_protobuf(request):
        return protobuf_answer(loki_proto.strings(names))
    return answer(
        loki_json.legacy_strings(names) if is_legacy(request) else loki_json.strings(names)
    )
