"""A snapshot is a whole store of its own, as everything was at one instant."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.base.errors import Conflict

from .conftest import Bench


def test_snapshot_has_blocks_and_head(bench: Bench, tmp_path: Path) -> None:
    bench.scrape(1, {"x": 1.0})
    bench.store.seal(force=True)
    bench.push(("y", 2, 2.0))
    target = tmp_path / "copy" / "metrics.db"
    target.parent.mkdir()
    bench.store.snapshot(target)
    bench.push(("z", 3, 3.0))
    assert [path.name for path in target.parent.iterdir()] == ["metrics.db"]
    copy = Bench(target.parent)
    try:
        assert copy.read() == {"x": {1: 1.0}, "y": {2: 2.0}}
    finally:
        copy.store.close()
    with pytest.raises(Conflict, match="exists"):
        bench.store.snapshot(target)
