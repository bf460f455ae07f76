"""Requests of the command line to a running server, ours or an original."""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Exit code for whatever keeps a command from its work.
EXIT_FAILED = 2
_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Client:
    """Where to ask, and as whom."""

    address: str
    tenant: str | None = None
    token: str | None = None

    def post(self, path: str, given: Mapping[str, str]) -> Any:
        """The `data` of a Prometheus answer to a form; ends the process when there is none."""
        return self._ask(path, urllib.parse.urlencode(given).encode())

    def get(self, path: str, given: Mapping[str, str]) -> Any:
        """The same with the parameters in the address, for paths that take no form."""
        return self._ask(f"{path}?{urllib.parse.urlencode(given)}", None)

    def _ask(self, path: str, body: bytes | None) -> Any:
        url = f"{self.address.rstrip('/')}{path}"
        headers = {}
        if self.tenant:
            headers["X-Scope-OrgID"] = self.tenant
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if not url.startswith(("http://", "https://")):
            fail(f"{self.address!r} is no address; write for example http://127.0.0.1:9090")
        try:
            request = urllib.request.Request(url, body, headers)  # noqa: S310 - checked above
            with urllib.request.urlopen(request, timeout=_SECONDS) as response:  # noqa: S310
                document = json.load(response)
        except urllib.error.HTTPError as error:
            fail(_reason(error))
        except (OSError, ValueError) as error:
            cause = getattr(error, "reason", error)
            said = getattr(cause, "strerror", None) or str(cause)
            fail(f"{url}: {said.lower()}; is the server running? (appliance up)")
        for remark in [*document.get("warnings", ()), *document.get("infos", ())]:
            print(remark, file=sys.stderr)  # noqa: T201 - the command's output
        return document.get("data")


def _reason(error: urllib.error.HTTPError) -> str:
    text = error.read().decode(errors="replace").strip()
    try:
        document = json.loads(text)
        return f"{document['errorType']}: {document['error']}"
    except (ValueError, KeyError, TypeError):
        return f"HTTP {error.code}: {text[:500]}"


def fail(message: str) -> NoReturn:
    """End the process with a message."""
    print(f"appliance: {message}", file=sys.stderr)  # noqa: T201 - the command's output
    sys.exit(EXIT_FAILED)
