"""Packs are found by name or folder, with this site's names in place of the shipped ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.base.errors import BadInput
from appliance.packs.load import load_pack, load_packs, pack_names, packs_folder

PACK = "variables: {MY_POOL: {default: pool_used, about: gauge}}\n"
RULES = "groups: [{name: a, rules: [{alert: A, expr: pool_used > 1 and pool_used_total > 0}]}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    (folder / "runbooks").mkdir(parents=True)
    (folder / "pack.yml").write_text(PACK)
    (folder / "rules.yml").write_text(RULES)
    (folder / "rules_test.yml").write_text("rule_files: [rules.yml]\n")
    (folder / "alertmanager.yml").write_text(
        "# ${NOT_THIS}\nroute: {receiver: '${A:-b}'}\n"
        "receivers: [{name: '${B}', webhook_configs: [{url: 'http://${C}/${D}'}]}]\n"
    )
    (folder / "runbooks" / "A.md").write_text("Look at `pool_used`.\n")
    return folder


def test_a_folder_is_a_pack(folder: Path, tmp_path: Path) -> None:
    pack = load_pack("./mine", {}, directory=tmp_path)
    assert (pack.name, pack.rules) == ("mine", (folder / "rules.yml",))
    assert pack.rule_files(tmp_path / "out") == [folder / "rules.yml"]
    assert not (tmp_path / "out").exists()
    assert pack.runbook("A") == "Look at `pool_used`.\n"


def test_variables_replace_whole_words_in_rules_and_runbooks(folder: Path, tmp_path: Path) -> None:
    pack = load_pack(str(folder), {"MY_POOL": "pg_pool"})
    (rendered,) = pack.rule_files(tmp_path / "out")
    assert rendered == tmp_path / "out" / "mine" / "rules.yml"
    assert "expr: pg_pool > 1 and pool_used_total > 0" in rendered.read_text()
    assert pack.runbook("A") == "Look at `pg_pool`.\n"


def test_an_unchanged_rendering_is_not_written_again(folder: Path, tmp_path: Path) -> None:
    pack = load_pack(str(folder), {"MY_POOL": "pg_pool"})
    (rendered,) = pack.rule_files(tmp_path)
    before = rendered.stat().st_mtime_ns
    assert pack.rule_files(tmp_path) == [rendered]
    assert rendered.stat().st_mtime_ns == before


def test_a_value_of_several_lines_is_refused(folder: Path) -> None:
    with pytest.raises(BadInput, match="MY_POOL has several lines"):
        load_pack(str(folder), {"MY_POOL": "a\n  - b: c"})


def test_unset_variables_of_the_routing_are_named(folder: Path) -> None:
    assert load_pack(str(folder), {"B": "", "D": "d"}).missing == ("B", "C")
    assert load_pack(str(folder), {"B": "b", "C": "c", "D": "d"}).missing == ()


def test_a_pack_may_have_no_routing(folder: Path) -> None:
    (folder / "alertmanager.yml").unlink()
    pack = load_pack(str(folder), {})
    assert (pack.routing, pack.missing) == (None, ())


def test_unknown_packs_are_refused_with_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="did you mean 'immoflow'"):
        load_packs(["imoflow"], {})
    with pytest.raises(BadInput, match="there are immoflow, nano"):
        load_pack("zzz", {})
    with pytest.raises(BadInput, match="there is no pack.yml"):
        load_pack("./x", {}, directory=tmp_path)


def test_a_broken_pack_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "pack.yml").write_text("titel: x\n")
    with pytest.raises(BadInput, match=r"pack.yml:1:1: error\[unknown-key\]"):
        load_pack(f"{tmp_path}/", {})


def test_shipped_packs_are_found() -> None:
    assert pack_names() == ["immoflow", "nano", "owona", "sva", "watchdog"]
    assert (packs_folder() / "immoflow" / "rules.yml").is_file()


@pytest.mark.parametrize(
    ("variables", "pages", "expected"),
    [
        ({}, "", "http://127.0.0.1:3000/runbooks/A"),
        ({}, "https://mon.example.com", "https://mon.example.com/runbooks/A"),
        ({"MY_BOOKS": "https://wiki"}, "https://mon.example.com", "https://wiki/A"),
    ],
)
def test_links_lead_to_this_servers_pages(
    folder: Path, tmp_path: Path, variables: dict[str, str], pages: str, expected: str
) -> None:
    (folder / "pack.yml").write_text(
        "variables:\n  MY_BOOKS: {default: 'http://127.0.0.1:3000/runbooks', about: runbooks}\n"
        "  OTHER: {default: 'http://127.0.0.1:30001/x', about: not a page of this server}\n"
    )
    (folder / "rules.yml").write_text("# http://127.0.0.1:3000/runbooks/A http://127.0.0.1:30001/x")
    pack = load_pack(str(folder), variables, pages=pages)
    (rendered,) = pack.rule_files(tmp_path / "out")
    assert rendered.read_text() == f"# {expected} http://127.0.0.1:30001/x"
