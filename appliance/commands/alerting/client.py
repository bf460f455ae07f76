"""Requests to an Alertmanager, ours or the original."""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn

import click

from appliance.commands import options
from appliance.commands.client import fail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

#: The server refused, or has not what was asked for.
EXIT_REFUSED = 1
_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class AlertmanagerClient:
    """Where to ask, and as whom; every method ends the process when there is no answer."""

    address: str
    token: str | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> AlertmanagerClient:
        """What the options of `asking` say."""
        return cls(options["addr"].rstrip("/"), options["token"])

    def get(self, path: str, given: Iterable[tuple[str, str]] = ()) -> Any:
        """The JSON at a path."""
        query = urllib.parse.urlencode(list(given))
        return self._ask("GET", f"{path}?{query}" if query else path)

    def post(self, path: str, document: object, *, seconds: float = _SECONDS) -> Any:
        """What a path answers to a JSON document; None when it has nothing to say.

        Args:
            seconds: Longest wait.
        """
        return self._ask("POST", path, json.dumps(document).encode(), seconds=seconds)

    def delete(self, path: str) -> None:
        """Have a path deleted."""
        self._ask("DELETE", path)

    def _ask(
        self, method: str, path: str, body: bytes | None = None, *, seconds: float = _SECONDS
    ) -> Any:
        url = f"{self.address}{path}"
        if not url.startswith(("http://", "https://")):
            fail(f"{self.address!r} is no address; write for example http://127.0.0.1:9093")
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310 - above
            with urllib.request.urlopen(request, timeout=seconds) as response:  # noqa: S310 - above
                text = response.read()
            return json.loads(text) if text.strip() else None
        except urllib.error.HTTPError as error:
            refuse(_reason(error, path))
        except (OSError, ValueError) as error:
            cause = getattr(error, "reason", error)
            said = getattr(cause, "strerror", None) or str(cause)
            fail(f"{self.address}: {said.lower()}; is the server running? (appliance up)")


def asking(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of every command that asks a server."""
    token = click.option(
        "--token", envvar="APPLIANCE_TOKEN", help="Token, if the server wants one."
    )
    addr = options.addr("http://127.0.0.1:9093", "Alertmanager.")
    output = click.option(
        "-o", "--output", type=click.Choice(["table", "json"]), help="table; json when piped."
    )
    return addr(output(token(command)))


def is_json(options: Mapping[str, Any]) -> bool:
    """Whether to answer with JSON."""
    return bool((options["output"] or ("table" if sys.stdout.isatty() else "json")) == "json")


def print_json(document: object) -> None:
    """A document on standard output."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def refuse(message: str) -> NoReturn:
    """End the process: what was asked for cannot be had."""
    click.echo(f"appliance: {message}", err=True)
    sys.exit(EXIT_REFUSED)


def _reason(error: urllib.error.HTTPError, path: str) -> str:
    text = error.read().decode(errors="replace").strip()
    if path.startswith("/api/ui/") and not text.startswith("{"):
        return f"HTTP {error.code} at {path}: the server is no Appliance, which this command needs"
    try:
        document = json.loads(text)
    except ValueError:
        if error.code == HTTPStatus.NOT_FOUND and path.startswith("/api/v2/silence/"):
            return f"there is no silence {path.rpartition('/')[2]}"
        return f"HTTP {error.code}: {text[:500]}" if text else f"HTTP {error.code} at {path}"
    if isinstance(document, dict):
        document = document.get("message") or document.get("error") or text
    return str(document)
