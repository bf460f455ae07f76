"""Pages of other origins may send (CORS, WHATWG Fetch): what they send is only ever stored.

Invariants:
- Errors carry the same headers as answers: a page whose browser hides them from it takes a
  refusal for a broken network, and sends again what will never be taken.
- A browser asks (`OPTIONS`) without the token, and is answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from appliance.api.errors import Contract, Failure

#: `*` stands for every header but `Authorization`, which has to be named; browsers of before
#: 2018 know no `*`.
PAGES_MAY_SEND = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "*, Authorization, Content-Type, X-OTLP-Token, X-Scope-OrgID",
    "Access-Control-Expose-Headers": "Retry-After",
    "Access-Control-Max-Age": "7200",
}


async def preflight(_request: web.Request) -> web.Response:
    """The answer to a browser that asks whether it may send."""
    return web.Response(status=204, headers=PAGES_MAY_SEND)


def shown_to_pages(contract: Contract) -> Contract:
    """A contract whose errors pages of other origins can read when they have sent something."""

    def answer(request: web.Request, failure: Failure) -> web.Response:
        response = contract(request, failure)
        if request.method == "POST":
            response.headers.update(PAGES_MAY_SEND)
        return response

    return answer
