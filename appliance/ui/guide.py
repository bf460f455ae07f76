"""What a guide is made of, and the lines that several guides have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from appliance.ui.overview import Endpoints

ALL = ("metrics", "logs", "traces")
#: The variable that stands for the token wherever one is needed; its value is never shown.
TOKEN = "APPLIANCE_TOKEN"  # noqa: S105 - a variable's name


@dataclass(frozen=True, slots=True)
class Block:
    """Something to copy: a command line or a file, named by its title."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Guide:
    """How one language or tool is connected.

    Attributes:
        id: Anchor on the page.
        signals: What it sends, of `metrics`, `logs` and `traces`.
    """

    id: str
    title: str
    text: str
    signals: tuple[str, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the first-run checklist: done once the signal has come in."""

    signal: str
    title: str
    text: str
    block: Block


def as_json(guide: Guide) -> dict[str, Any]:
    """A guide as a value for a JSON encoder."""
    blocks = [{"title": block.title, "text": block.text} for block in guide.blocks]
    return {
        "id": guide.id,
        "title": guide.title,
        "text": guide.text,
        "signals": list(guide.signals),
        "blocks": blocks,
    }


def environment(at: Endpoints, service: str = "my-service") -> str:
    """The variables by which every OpenTelemetry SDK finds its way here."""
    return lines(
        f"export OTEL_EXPORTER_OTLP_ENDPOINT={at.otlp_http}",
        "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        *otlp_token(at),
        f"export OTEL_SERVICE_NAME={service}",
    )


def otlp_token(at: Endpoints) -> tuple[str, ...]:
    """The line that an SDK needs where writing needs the token."""
    if not at.needs_token:
        return ()
    return (f'export OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20${TOKEN}"',)


def lines(*parts: str) -> str:
    """Lines as one text."""
    return "\n".join(parts)
