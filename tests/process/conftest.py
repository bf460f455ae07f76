"""A real server for the tests of a module, and small HTTP clients."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from appliance.testing import Appliance


@pytest.fixture(scope="module")
def server() -> Iterator[Appliance]:
    with Appliance() as started:
        yield started
