"""`/runbooks`: what to do about alerts, of the packs in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.api.ui.rendering import UI, json_answer, page, variable, wants_json
from appliance.base.errors import NotFound
from appliance.base.tasks import offload
from appliance.ui.markdown import to_html

if TYPE_CHECKING:
    from aiohttp import web


async def runbooks(request: web.Request) -> web.Response:
    """`GET /runbooks`: their names."""
    names = sorted(await offload(request.app[UI].runbooks))
    if wants_json(request):
        return json_answer({"runbooks": names})
    return await page(request, "runbooks.html", names=names)


async def runbook(request: web.Request) -> web.Response:
    """`GET /runbooks/NAME`.

    Raises:
        NotFound: No pack in use has it.
    """
    name = variable(request, "name")
    text = (await offload(request.app[UI].runbooks)).get(name)
    if text is None:
        raise NotFound(f"no runbook {name!r}; those of the packs in use are listed at /runbooks")
    if wants_json(request):
        return json_answer({"name": name, "text": text})
    return await page(request, "runbook.html", name=name, html=await offload(to_html, text))
