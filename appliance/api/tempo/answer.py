"""In which form Tempo's API answers: JSON, protobuf, or few words for language models."""

from __future__ import annotations

from enum import Enum

from aiohttp import web


class Form(Enum):
    """The content type of each form."""

    JSON = "application/json"
    PROTOBUF = "application/protobuf"
    BRIEF = "application/vnd.grafana.llm"


def form_of(request: web.Request) -> Form:
    """What the client accepts; JSON when it does not say."""
    accepted = request.headers.get("Accept", "")
    for form in (Form.PROTOBUF, Form.BRIEF):
        if form.value in accepted:
            return form
    return Form.JSON


def answer(body: bytes, form: Form = Form.JSON) -> web.Response:
    """An answer that is encoded already."""
    return web.Response(body=body, content_type=form.value)
