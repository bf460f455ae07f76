"""`/storage`: how full the disk is."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.http import HTTP
from appliance.api.ui.rendering import json_answer, page, wants_json
from appliance.api.ui.system.deps import SYSTEM, begin_change
from appliance.base.tasks import offload
from appliance.ui.system.storage import storage_page

if TYPE_CHECKING:
    from appliance.ui.system.storage import StoragePage


async def storage(request: web.Request) -> web.Response:
    """`GET /storage`."""
    facts, now_ms = request.app[SYSTEM].storage, request.app[HTTP].clock.now_ms()

    def work() -> StoragePage:
        return storage_page(facts.look(), now_ms)

    found = await offload(work)
    if wants_json(request):
        document = asdict(found)
        for name, usage in document["look"]["usages"].items():
            usage["streams"] = [
                {**stream, "labels": dict(stream["labels"])} for stream in usage["streams"]
            ]
            usage["by_day"] = {str(day): size for day, size in usage["by_day"].items()}
            document["look"]["usages"][name] = usage
        return json_answer(document)
    return await page(
        request,
        "system/storage.html",
        found=found,
        now_ms=now_ms,
        pruned=request.query.get("pruned", ""),
    )


async def prune(request: web.Request) -> web.Response:
    """`POST /storage/prune`: what retention does not cover goes now."""
    begin_change(request, "prune now")
    passes = await request.app[SYSTEM].storage.prune()
    if wants_json(request):
        return json_answer({name: asdict(done) for name, done in passes.items()})
    blocks = sum(done.pruned.blocks for done in passes.values())
    raise web.HTTPSeeOther(f"/storage?pruned={blocks}")
