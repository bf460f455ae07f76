"""From target groups to files."""

from __future__ import annotations

import pytest

from appliance.config.load import load_text
from appliance.ingest.discovery.static import TargetGroup
from appliance.ingest.tail.config import TailConfig
from appliance.ingest.tail.targets import file_targets, host_name
from appliance.model.labels import Labels

WRONG_HOST = (
    'ignoring target, wrong host (labels:{__address__="localhost", __host__="there",'
    ' __path__="/a"} hostname:here)'
)


def config(text: str = "") -> TailConfig:
    decoded = load_text(TailConfig, f"job_name: app\n{text}", file="promtail.yml")
    assert decoded.value is not None
    return decoded.value


def group(**labels: str) -> TargetGroup:
    return TargetGroup("0", [{"__address__": "localhost"}], labels)


def test_labels_without_those_that_have_a_meaning() -> None:
    labels = {"__path__": "/a/*", "__path_exclude__": "/a/b", "job": "app", "__x": "y"}
    [target], dropped = file_targets(config(), [group(**labels)], "here")
    assert (target.pattern, target.exclude) == ("/a/*", "/a/b")
    assert target.labels == Labels.of({"job": "app"})
    assert target.discovered.get("__address__") == "localhost"
    assert dropped == []


def test_relabelling_may_make_the_path_and_drop_targets() -> None:
    text = """\
relabel_configs:
  - {source_labels: [pod], regex: (.+), target_label: __path__, replacement: /pods/$1.log}
  - {source_labels: [pod], regex: quiet, action: drop}
"""
    groups = [group(pod="web"), group(pod="quiet")]
    [target], [dropped] = file_targets(config(text), groups, "here")
    assert target.pattern == "/pods/web.log"
    assert dropped.reason == "dropping target, no labels"


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ({"job": "a"}, "no path for target"),
        ({"__path__": "/a", "__host__": "there"}, WRONG_HOST),
    ],
)
def test_why_a_target_is_not_followed(labels: dict[str, str], reason: str) -> None:
    found, [dropped] = file_targets(config(), [group(**labels)], "here")
    assert found == []
    assert dropped.reason == reason


def test_a_target_of_this_host_is_followed() -> None:
    found, _ = file_targets(config(), [group(__path__="/a", __host__="here")], "here")
    assert len(found) == 1


def test_the_same_target_is_followed_once() -> None:
    groups = [group(__path__="/a"), group(__path__="/a"), group(__path__="/a", x="y")]
    found, [dropped] = file_targets(config(), groups, "here")
    assert len(found) == 2
    assert dropped.reason == "ignoring target, already exists"


def test_the_environment_tells_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTNAME", "node-7")
    assert host_name() == "node-7"
