"""`/tail`: what is tailed, and a trial of stages."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from appliance.api.http import HTTP
from appliance.api.request import parameters_of
from appliance.api.ui.rendering import endpoints_of, json_answer, page, wants_json
from appliance.api.ui.system.deps import SYSTEM
from appliance.base.errors import BadInput
from appliance.base.tasks import offload
from appliance.ui.guides import guides
from appliance.ui.system.tail import stages_yaml, tail_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from appliance.ui.system.stage_preview import LineRow

_EXAMPLE = '{"level":"info","msg":"order placed","time":"2026-01-02T15:04:05Z"}'
_FIELDS = ("job", "stages", "lines", "labels")


async def tail(request: web.Request) -> web.Response:
    """`GET /tail?job=…`: everything; the stages of a job wait to be tried."""
    given = {"job": request.query.get("job", ""), "lines": request.query.get("lines", "")}
    return await _page(request, given)


async def preview(request: web.Request) -> web.Response:
    """`POST /tail`: what the stages in the form make of the lines in it; changes nothing."""
    form = await parameters_of(request)
    given = {name: form.get(name, "") for name in _FIELDS}
    now_ns = request.app[HTTP].clock.now_ns()

    def work() -> list[LineRow]:
        from appliance.ui.system import stage_preview  # noqa: PLC0415 - re2, jmespath

        lines = [line.rstrip("\r") for line in given["lines"].split("\n") if line.strip()]
        stages = stage_preview.read_stages(given["stages"])
        return stage_preview.preview(stages, lines, _labels(given["labels"]), now_ns)

    try:
        rows = await offload(work)
    except BadInput as error:
        if wants_json(request):
            raise
        return await _page(request, given, problem=error.message, status=400)
    if wants_json(request):
        return json_answer({"lines": [asdict(row) for row in rows]})
    return await _page(request, given, rows=rows)


async def _page(
    request: web.Request,
    given: Mapping[str, str],
    *,
    rows: list[LineRow] | None = None,
    problem: str = "",
    status: int = 200,
) -> web.Response:
    tailing, now_ms = request.app[SYSTEM].tailing, request.app[HTTP].clock.now_ms()
    found = await offload(tail_page, tailing, now_ms)
    if wants_json(request):
        return json_answer(asdict(found))
    job = given.get("job") or (found.jobs[0].name if found.jobs else "")
    stages = given.get("stages")
    if stages is None:
        stages = await offload(stages_yaml, tailing.setup(), job)
    context: dict[str, Any] = {
        "job": job,
        "stages": stages,
        "lines": given.get("lines") or _EXAMPLE,
        "labels": given.get("labels", f"job={job}" if job else ""),
    }
    return await page(
        request,
        "system/tail.html",
        status=status,
        found=found,
        trial=context,
        rows=rows,
        problem=problem,
        guide=next((one for one in guides(endpoints_of(request)) if one.id == "promtail"), None),
    )


def _labels(text: str) -> dict[str, str]:
    """Labels as `name=value`, one per line or separated by commas.

    Raises:
        BadInput: A part has no equals sign.
    """
    found = {}
    for part in filter(None, (part.strip() for part in text.replace("\n", ",").split(","))):
        name, equals, value = part.partition("=")
        if not equals:
            raise BadInput(f"{part[:60]!r} is no label; write name=value")
        found[name.strip()] = value.strip().strip('"')
    return found
