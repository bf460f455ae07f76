"""Files are taken and refused as amtool takes and refuses them."""

from __future__ import annotations

import pytest
import yaml

from appliance.alertmanager.config import AlertmanagerConfig
from appliance.config.load import load_text
from tests.alertmanager.corpus import Case, cases

ALL = list(cases())


def test_the_corpus_is_large_and_of_both_kinds() -> None:
    verdicts = [case.verdict for case in ALL]
    assert verdicts.count("good") > 200
    assert verdicts.count("bad") > 200
    assert verdicts.count("refused") < 15


@pytest.mark.parametrize("area", sorted({case.area for case in ALL}))
def test_files_are_judged_as_amtool_judges_them(area: str) -> None:
    wrong = [case for case in ALL if case.area == area and is_good(case) != wanted(case)]
    assert wrong == []


def wanted(case: Case) -> bool:
    return case.verdict in {"good", "newer"}


def is_good(case: Case) -> bool:
    return load_text(AlertmanagerConfig, case.text, file="alertmanager.yml").ok


def test_what_is_refused_is_told_with_its_place() -> None:
    refused = [case for case in ALL if not wanted(case) and _is_yaml(case.text)]
    for case in refused:
        problems = load_text(AlertmanagerConfig, case.text, file="alertmanager.yml").problems
        assert all(problem.line > 0 and problem.message for problem in problems), case


def _is_yaml(text: str) -> bool:
    try:
        yaml.safe_load(text)
    except yaml.YAMLError:
        return False
    return True
