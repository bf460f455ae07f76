"""Settings of the pages."""

from __future__ import annotations

from enum import Enum

from appliance.config.schema import key, section


class StatusPage(Enum):
    """Who may read `/status`."""

    PRIVATE = "private"
    PUBLIC = "public"


@section
class UiSettings:
    """The pages.

    Attributes:
        status_page: `public` lets everybody read `/status` and its badges, also where the other
            pages need the token.
        services: What the status page lists; empty for all that alerts or traces name.
    """

    status_page: StatusPage = StatusPage.PRIVATE
    services: tuple[str, ...] = key(default=(), single=True)

    @property
    def public_paths(self) -> tuple[str, ...]:
        """Paths that everybody may read; what ends in a slash is a prefix."""
        is_public = self.status_page is StatusPage.PUBLIC
        return ("/status", "/status.json", "/status/badge/", "/static/") if is_public else ()
