"""Stores with something in them, in their heads or sealed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.correlate.stores import Signals


@pytest.fixture(scope="module", params=["head", "blocks"])
def signals(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Signals]:
    made = Signals(tmp_path_factory.mktemp("signals"))
    made.fill()
    if request.param == "blocks":
        made.seal()
    yield made
    made.close()
