from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api.ui.alert_site import Site, alert_site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """The pages of alerts; see `alert_site`."""
    async with alert_site(tmp_path) as made:
        yield made
