"""What messages in Slack, Mattermost and Rocket.Chat have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.config.schema import section
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from appliance.config.report import Report
    from appliance.notify.integration import Renderer


@section
class SlackField:
    """One field of an attachment."""

    title: str
    value: str
    short: bool | None = None


@section
class SlackConfirm:
    """A question before an action."""

    text: str
    title: str = ""
    ok_text: str = ""
    dismiss_text: str = ""


@section
class SlackAction:
    """A button."""

    type: str
    text: str
    url: str = ""
    style: str = ""
    name: str = ""
    value: str = ""
    confirm: SlackConfirm | None = None

    def check(self, report: Report) -> None:
        """It does something."""
        if not self.url and not self.name:
            message = "missing name or url in Slack action configuration"
            report.error(self, (), message, code="missing-key")


@section
class ChatMessage(Notifier):
    """The look of a message in Slack, Mattermost or Rocket.Chat."""

    send_resolved: bool = False
    channel: str = ""
    username: str = ""
    color: str = ""
    title: str = ""
    title_link: str = ""
    text: str = ""
    fields: tuple[SlackField, ...] = ()
    short_fields: bool = False
    icon_emoji: str = ""
    icon_url: str = ""
    image_url: str = ""
    thumb_url: str = ""
    link_names: bool = False


def rendered(
    config: object, names: Iterable[str], renderer: Renderer, *, is_content: bool = False
) -> dict[str, str]:
    """Keys of a section as they are sent: rendered, the empty ones left out.

    Args:
        is_content: In a fallback, a key whose template fails holds the whole plain text;
            otherwise it is but ornament and left out.
    """
    instead = None if is_content else ""
    found = {name: renderer.text(getattr(config, name), instead=instead) for name in names}
    return {name: text for name, text in found.items() if text}


def rendered_fields(
    fields: Iterable[Any], renderer: Renderer, *, short: bool | None
) -> list[dict[str, Any]]:
    """Fields of an attachment.

    Args:
        short: What holds for those that do not say; None leaves it out.
    """
    result = []
    for field in fields:
        own: Mapping[str, Any] = rendered(field, ("title", "value"), renderer)
        is_short = short if field.short is None else field.short
        result.append({**own, **({} if is_short is None else {"short": is_short})})
    return result
