"""Tempo's HTTP API: names and values of tags (Tempo 3, "Search tags", "Search tag values")."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from appliance.api.request import parameters_of, run_query
from appliance.api.tempo.answer import Form, answer, form_of
from appliance.api.tempo.deps import source_of
from appliance.api.tempo.params import check_query, count, seconds
from appliance.api.tempo.queries import parse_tag
from appliance.base.errors import BadInput
from appliance.base.tasks import offload
from appliance.traceql.ast import Attribute, Intrinsic, IntrinsicField
from appliance.traceql.tags import ATTRIBUTE_SCOPES, INTRINSICS, TagRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aiohttp import web

    from appliance.model.sources import Guard, SpanSource
    from appliance.query.limits import QueryGuard
    from appliance.traceql.ast import Field
    from appliance.traceql.tag_values import TypedValue

    Encoder = Callable[..., bytes]

_SECOND = 10**9
_INTRINSIC = "intrinsic"
_ALL_SCOPES = {"", "none"}
#: Tags that the first version of values has beside attributes.
_FIELDS_V1 = {
    "name": IntrinsicField(Intrinsic.NAME),
    "root.name": IntrinsicField(Intrinsic.ROOT_NAME),
    "root.service.name": IntrinsicField(Intrinsic.ROOT_SERVICE),
}
#: Tags whose values it knows without looking.
_KNOWN_V1 = {"status.code": ("error", "ok", "unset"), "error": ("true",)}


def scopes_of(scope: str) -> list[str]:
    """Scopes that a parameter means, `intrinsic` among them.

    Raises:
        BadInput: There is no such scope.
    """
    if scope in _ALL_SCOPES:
        return [*ATTRIBUTE_SCOPES, _INTRINSIC]
    if scope not in {*ATTRIBUTE_SCOPES, _INTRINSIC}:
        raise BadInput(f"invalid scope: {scope}")
    return [scope]


def tag_request(
    start_s: int, end_s: int, query: str, *, limit: int = 0, max_stale: int = 0
) -> TagRequest:
    """The bounds of a search for tags; what is wrong with the query does not matter.

    Raises:
        BadInput: The query is too long.
    """
    from appliance.traceql.lenient import parse_filter  # noqa: PLC0415 - the language

    check_query(query)
    found = parse_filter(query) if query else None
    return TagRequest(start_s * _SECOND, end_s * _SECOND, found, limit, max_stale)


def _request_of(given: Mapping[str, str], *, filtered: bool = True) -> TagRequest:
    return tag_request(
        seconds(given, "start"),
        seconds(given, "end"),
        given.get("q", "") if filtered else "",
        limit=count(given, "limit"),
        max_stale=count(given, "maxStaleValues"),
    )


def find_names(
    source: SpanSource, scopes: Sequence[str], asked: TagRequest, guard: Guard
) -> dict[str, list[str]]:
    """Names by scope; those of intrinsics are always the same."""
    from appliance.traceql.tags import tag_names  # noqa: PLC0415 - with the first query

    wanted = [scope for scope in scopes if scope != _INTRINSIC]
    found = tag_names(source, wanted, asked, guard) if wanted else {}
    if _INTRINSIC in scopes:
        found[_INTRINSIC] = list(INTRINSICS[: asked.limit or None])
    return found


def find_all_names(
    source: SpanSource, scopes: Sequence[str], asked: TagRequest, guard: Guard
) -> list[str]:
    """Names of all scopes together, sorted; of intrinsics only when nothing else is asked for."""
    wanted = scopes if len(scopes) == 1 else [scope for scope in scopes if scope != _INTRINSIC]
    found = find_names(source, wanted, asked, guard)
    names = sorted({name for names in found.values() for name in names})
    return names[: asked.limit or None]


def find_values(source: SpanSource, tag: str, asked: TagRequest, guard: Guard) -> list[str]:
    """Values of a tag without a scope, as texts, sorted."""
    from appliance.traceql.tags import tag_values  # noqa: PLC0415 - with the first query

    if tag in _KNOWN_V1:
        return list(_KNOWN_V1[tag])
    field: Field = _FIELDS_V1.get(tag) or Attribute(tag)
    return sorted({text for _, text in tag_values(source, field, asked, guard)})


def find_typed_values(
    source: SpanSource, field: Field, asked: TagRequest, guard: Guard
) -> list[TypedValue]:
    """Values of a field with their types, sorted."""
    from appliance.traceql.tags import tag_values  # noqa: PLC0415 - with the first query

    return tag_values(source, field, asked, guard)


async def names(request: web.Request) -> web.Response:
    """Names of tags of all scopes together."""
    from appliance.wire import tempo_tags as wire  # noqa: PLC0415 - with the first query

    given = await parameters_of(request)
    scopes = scopes_of(given.get("scope", ""))
    find = partial(find_all_names, source_of(request), scopes, _request_of(given, filtered=False))
    encoders = {Form.JSON: wire.names_json, Form.PROTOBUF: wire.names_protobuf}
    return await _answer(request, find, encoders)


async def scoped_names(request: web.Request) -> web.Response:
    """Names of tags by scope."""
    from appliance.wire import tempo_tags as wire  # noqa: PLC0415 - with the first query

    given = await parameters_of(request)
    scopes = scopes_of(given.get("scope", ""))
    asked = await offload(_request_of, given)
    find = partial(find_names, source_of(request), scopes, asked)
    encoders = {Form.JSON: wire.scopes_json, Form.PROTOBUF: wire.scopes_protobuf}
    return await _answer(request, find, encoders)


async def values(request: web.Request) -> web.Response:
    """Values of a tag as texts."""
    from appliance.wire import tempo_tags as wire  # noqa: PLC0415 - with the first query

    given = await parameters_of(request)
    asked = _request_of(given, filtered=False)
    find = partial(find_values, source_of(request), _tag_of(request), asked)
    encoders = {Form.JSON: wire.values_json, Form.PROTOBUF: wire.values_protobuf}
    return await _answer(request, find, encoders)


async def typed_values(request: web.Request) -> web.Response:
    """Values of a field with their types."""
    from appliance.wire import tempo_tags as wire  # noqa: PLC0415 - with the first query

    given = await parameters_of(request)
    field, asked = await offload(parse_tag, _tag_of(request)), await offload(_request_of, given)
    find = partial(find_typed_values, source_of(request), field, asked)
    encoders = {
        Form.JSON: wire.typed_json,
        Form.PROTOBUF: wire.typed_protobuf,
        Form.BRIEF: wire.typed_brief,
    }
    return await _answer(request, find, encoders)


def _tag_of(request: web.Request) -> str:
    tag = request.match_info["tag"]
    if not tag:
        raise BadInput("please provide a non-empty tagName")
    return tag


async def _answer(
    request: web.Request, find: Callable[[Guard], object], encoders: Mapping[Form, Encoder]
) -> web.Response:
    """Find, then encode in the form that the client takes."""
    form = form_of(request)
    if form not in encoders:
        form = Form.JSON

    def work(guard: QueryGuard) -> bytes:
        found = find(guard)
        return encoders[form](found, guard.bytes)

    return answer(await run_query(request, work), form)
