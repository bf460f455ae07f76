"""`/runbooks`: what to do about alerts, of the packs in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.api.ui.firing import firing_by_name
from appliance.api.ui.rendering import UI, json_answer, page, variable, wants_json
from appliance.base.errors import NotFound
from appliance.base.tasks import offload
from appliance.ui.markdown import to_html

if TYPE_CHECKING:
    from aiohttp import web

_LONGEST_LEAD = 160


async def runbooks(request: web.Request) -> web.Response:
    """`GET /runbooks`: their names, first words, and how many of their alerts fire."""
    texts = await offload(request.app[UI].runbooks)
    names = sorted(texts)
    if wants_json(request):
        return json_answer({"runbooks": names})
    firing = await firing_by_name(request)
    rows = [(name, _lead(texts[name]), firing.get(name, 0)) for name in names]
    return await page(request, "runbooks.html", runbooks=rows)


async def runbook(request: web.Request) -> web.Response:
    """`GET /runbooks/NAME`.

    Raises:
        NotFound: No pack in use has it.
    """
    name = variable(request, "name")
    text = (await offload(request.app[UI].runbooks)).get(name)
    if text is None:
        raise NotFound(f"no runbook {name!r}; those there are are listed at /runbooks")
    if wants_json(request):
        return json_answer({"name": name, "text": text})
    return await page(
        request, "runbook.html", name=name, html=await offload(to_html, _body(text, name))
    )


def _lead(text: str) -> str:
    """The first paragraph, if it is a short one."""
    for part in text.split("\n\n"):
        line = " ".join(part.split())
        if line and not line.startswith("#"):
            return line if len(line) <= _LONGEST_LEAD else ""
    return ""


def _body(text: str, name: str) -> str:
    """Without a first heading that says what the page's own says."""
    first, _, rest = text.lstrip().partition("\n")
    return rest if first.lstrip("# ").strip() == name and first.startswith("#") else text
