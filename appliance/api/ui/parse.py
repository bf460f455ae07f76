"""`/api/ui/parse`: what is wrong with a query, for editors that ask while it is written.

The answer is 200 either way: a slip half-way through a query is no failed request.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from appliance.api.request import parameters_of
from appliance.api.ui.rendering import json_answer
from appliance.base.errors import BadInput
from appliance.base.tasks import offload

if TYPE_CHECKING:
    from aiohttp import web

#: Languages and what reads them.
_PARSERS = {
    "promql": "appliance.promql.parser:parse",
    "logql": "appliance.logql.parser:parse",
    "traceql": "appliance.traceql.parser:parse_query",
}
#: Longer texts are judged when they are run.
_MOST_CHARS = 20_000


async def parse(request: web.Request) -> web.Response:
    """`GET` or `POST /api/ui/parse?language=&query=`: `{"error": null}`, or the error in words.

    Raises:
        BadInput: The language is unknown.
    """
    given = await parameters_of(request)
    language, query = given.get("language", ""), given.get("query", "")
    if language not in _PARSERS:
        raise BadInput(f"language is {language[:50]!r}; languages are {', '.join(_PARSERS)}")
    if not query.strip() or len(query) > _MOST_CHARS:
        return json_answer({"error": None})
    return json_answer({"error": await offload(_error, language, query)})


def _error(language: str, query: str) -> str | None:
    module, _, name = _PARSERS[language].partition(":")
    try:
        getattr(import_module(module), name)(query)
    except BadInput as error:
        return error.message
    return None
