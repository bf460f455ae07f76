"""Where a server's dashboards are, by its settings."""

from __future__ import annotations

from pathlib import Path

import orjson

from appliance.base.clock import SystemClock
from appliance.dashboard_setup import SHIPPED, dashboard_library, places_of
from appliance.settings.root import Settings, load


def settings(folder: Path, text: str) -> Settings:
    (folder / "appliance.yml").write_text(text)
    found, problems = load(folder / "appliance.yml", flags={}, environ={})
    assert problems == []
    return found


def test_names_of_files_are_relative_to_the_file(tmp_path: Path) -> None:
    text = "dashboards: {grafana: 'a/**/*.json', provisioning: grafana/provisioning}\n"
    places = places_of(settings(tmp_path, text), tmp_path / "own")
    assert places.patterns == (str(tmp_path / "a/**/*.json"),)
    assert places.provisioning == tmp_path / "grafana/provisioning"
    assert [shelf.folder for shelf in places.shelves] == [SHIPPED]


def test_dashboards_of_packs_have_a_sites_names(tmp_path: Path) -> None:
    pack = tmp_path / "mine"
    (pack / "dashboards").mkdir(parents=True)
    (pack / "pack.yml").write_text("title: Mine\nvariables: {RATE: {default: shop_rate}}\n")
    board = {"title": "P", "uid": "p", "panels": [{"type": "text", "title": "shop_rate"}]}
    (pack / "dashboards" / "p.json").write_bytes(orjson.dumps(board))
    (tmp_path / ".env").write_text("RATE=their_rate\n")
    found = settings(tmp_path, "packs: [./mine]\n")
    library = dashboard_library(lambda: found, tmp_path / "own", SystemClock())
    whole = library.get("p")
    assert whole.dashboard.panels()[0].title == "their_rate"
    assert whole.entry.folder == "Mine"


def test_a_broken_pack_hinders_no_dashboards(tmp_path: Path) -> None:
    found = settings(tmp_path, "packs: [./gone]\n")
    assert [shelf.folder for shelf in places_of(found).shelves] == [SHIPPED]


def test_shipped_dashboards_have_no_faults(tmp_path: Path) -> None:
    library = dashboard_library(Settings, tmp_path / "own", SystemClock())
    listing = library.listing()
    assert {"appliance", "node", "overview"} <= {entry.uid for entry in listing.entries}
    assert listing.problems == ()
