"""What the pipeline knows of an integration, and what integrations are given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from appliance.base.clock import Clock, SystemClock
from appliance.base.errors import ApplianceError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from appliance.http_client.client import HttpClient
    from appliance.notify.message import Message


class NotifyFailed(ApplianceError):  # noqa: N818 - the house's name for a kind of error
    """An attempt that did not deliver.

    Attributes:
        is_retryable: Whether another attempt within the flush may do better.
        reason: Value of the label `reason` of `alertmanager_notifications_failed_total`: `other`,
            `clientError`, `serverError`, `contextCanceled`, `contextDeadlineExceeded`,
            `authError` or `rateLimited`.
        retry_after_seconds: What the receiver asked for; None if it did not.
    """

    def __init__(
        self,
        message: str,
        *,
        is_retryable: bool,
        reason: str = "other",
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message)
        self.is_retryable = is_retryable
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds


class TemplateFailed(NotifyFailed):
    """A template of the message cannot be rendered; what is sent instead is plain text."""

    def __init__(self, message: str) -> None:
        super().__init__(message, is_retryable=False)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as they go into the record: secrets masked, texts cut."""

    method: str
    url: str
    body: str
    status: int
    answer: str
    error: str
    seconds: float
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Delivery:
    """One attempt: what an integration is handed besides the message, and what it leaves behind.

    Attributes:
        exchanges: Filled by whoever sends.
        data: What was kept of the last delivery under the same key; the integration may replace
            it, and it is kept when the delivery succeeds.
        is_fallback: A template failed before: ask `Templates.renderer` for a fallback.
        timeout_seconds: What the flush leaves for this attempt.
        clock: Measures how long it took.
    """

    exchanges: list[Exchange] = field(default_factory=list)
    data: dict[str, str] = field(default_factory=dict)
    is_fallback: bool = False
    timeout_seconds: float = 10.0
    clock: Clock = field(default_factory=SystemClock)


class Renderer(Protocol):
    """Renders templates for one message.

    Raises (all methods):
        TemplateFailed: In Go's words.
    """

    def text(self, template: str, *, instead: str | None = None) -> str:
        """A text template.

        Args:
            instead: What to give in a fallback when the template fails; None is a plain text that
                carries every label and annotation. Give it for short values: channel, colour.
        """
        ...

    def html(self, template: str) -> str:
        """An HTML template, what it inserts escaped by context; see `text` for a fallback."""
        ...

    def deep(self, value: Any) -> Any:
        """A structure of lists and maps whose texts are templates."""
        ...

    @property
    def data(self) -> Mapping[str, Any]:
        """The template data as JSON, as webhooks show it."""
        ...


class Templates(Protocol):
    """The templates of a configuration."""

    def renderer(self, message: Message, *, is_fallback: bool = False) -> Renderer:
        """A renderer for one message.

        Args:
            is_fallback: Nothing fails any more; see `Renderer.text`.
        """
        ...


@dataclass(frozen=True, slots=True)
class IntegrationDeps:
    """What every integration is made with.

    Attributes:
        http: Sends as the section's `http_config` (else the global one) says.
        directory: Of the configuration file; `*_file` names are relative to it.
    """

    http: HttpClient
    templates: Templates
    clock: Clock
    directory: Path


class Integration(Protocol):
    """Tells one addressee.

    Attributes:
        index: Its number among those of its kind in the receiver, from 0.
    """

    index: int
    send_resolved: bool

    @property
    def kind(self) -> str:
        """Its name in metrics, such as `webhook`."""
        ...

    async def send(self, message: Message, delivery: Delivery) -> None:
        """Try once.

        Raises:
            NotifyFailed: It was not delivered.
        """
        ...
