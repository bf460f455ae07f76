"""Zipkin's collector: spans as v2 and v1, JSON, protobuf and Thrift.

Nothing that came in is looked at before it is stored, so the answer is empty: 202.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from appliance.api.cross_origin import PAGES_MAY_SEND
from appliance.api.http import HTTP
from appliance.api.receivers import receive

if TYPE_CHECKING:
    from aiohttp import web

_THRIFT, _PROTOBUF = "application/x-thrift", "application/x-protobuf"


async def v1_spans(request: web.Request) -> web.Response:
    """`POST /api/v1/spans`."""
    is_thrift = request.content_type == _THRIFT
    return await _store(request, "zipkin_v1_thrift" if is_thrift else "zipkin_v1_json")


async def v2_spans(request: web.Request) -> web.Response:
    """`POST /api/v2/spans`."""
    is_protobuf = request.content_type == _PROTOBUF
    return await _store(request, "zipkin_v2_protobuf" if is_protobuf else "zipkin_v2_json")


async def _store(request: web.Request, protocol: str) -> web.Response:
    from appliance.wire.zipkin.otlp import zipkin_to_otlp  # noqa: PLC0415 - protobuf

    now_ns = request.app[HTTP].clock.now_ns()
    translate = partial(zipkin_to_otlp, protocol=protocol, now_ns=now_ns)
    answer = await receive(request, protocol=protocol, translate=translate)
    answer.headers.update(PAGES_MAY_SEND)
    return answer
