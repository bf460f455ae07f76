"""`appliance check`: every configuration file and all it refers to, judged in one go.

What a file is, its content says. References are followed from `appliance.yml` to `prometheus.yml`,
rule files, `alertmanager.yml`, Loki's and promtail's files, and from `prometheus.yml` to its rules.
"""

from __future__ import annotations

import dataclasses
import os
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import yaml

from appliance.alertmanager.config import AlertmanagerConfig
from appliance.config.document import compose, matching_files, read
from appliance.config.layers import Layers, load_layers
from appliance.config.load import decode, load_file
from appliance.config.problem import Problem, Severity
from appliance.ingest.discovery.static import StaticConfig
from appliance.ingest.scrape.config import PrometheusConfig, load_prometheus_config
from appliance.ingest.tail.config import PromtailConfig
from appliance.promql.context import ALL_FEATURES
from appliance.rules.load import load_groups
from appliance.settings.loki_file import read_loki_file
from appliance.settings.root import Settings, load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Kind(Enum):
    """What a configuration file can be."""

    SETTINGS = "appliance"
    PROMETHEUS = "prometheus"
    RULES = "rules"
    ALERTMANAGER = "alertmanager"
    PROMTAIL = "promtail"
    LOKI = "loki"
    TARGETS = "targets"


_PROMTAIL_KEYS = {"client", "clients", "positions", "target_config", "limits_config"}
_ALERTMANAGER_KEYS = {"route", "receivers", "inhibit_rules", "time_intervals", "templates"}
_LOKI_KEYS = {"auth_enabled", "schema_config", "storage_config", "ingester", "compactor", "querier"}
_PROMTAIL_JOB_KEYS = {"pipeline_stages", "journal", "syslog", "loki_push_api"}


def check_all(
    settings_path: Path | None,
    files: Sequence[Path] = (),
    *,
    environ: Mapping[str, str] | None = None,
    directory: Path = Path(),
) -> list[Problem]:
    """Check configuration.

    Args:
        settings_path: The `appliance.yml`; None takes the one in `directory`, if there is one.
        files: Files to check instead; what they refer to is checked with them.
        environ: What `${NAME}` stands for; None takes the process's environment.
        directory: Usually the working directory.

    Returns:
        All findings, file by file; each file is judged once.
    """
    checker = _Checker(os.environ if environ is None else environ, directory)
    if not files:
        checker.check_settings(settings_path)
    elif settings_path is not None:
        checker.take_variables(settings_path)
    for file in files:
        checker.check_file(file)
    return checker.problems


class _Checker:
    """One run: what was found, and which files are done."""

    def __init__(self, environ: Mapping[str, str], directory: Path) -> None:
        self.problems: list[Problem] = []
        self._environ = environ
        self._directory = directory
        self._done: set[Path] = set()
        layers = Layers(None, {}, environ, directory)
        _, self._variables, _ = load_layers(Settings, layers)

    def take_variables(self, path: Path) -> None:
        """Expand variables as these settings say, without judging them."""
        settings, _ = load(path, flags={}, environ=self._environ, directory=self._directory)
        self._variables = settings.variables or self._variables

    def check_settings(self, path: Path | None) -> None:
        """The settings and every file they name."""
        settings, problems = load(path, flags={}, environ=self._environ, directory=self._directory)
        self.problems += problems
        self._variables = settings.variables or self._variables
        for kind, file in (
            (Kind.PROMETHEUS, settings.prometheus.config),
            (Kind.ALERTMANAGER, settings.alertmanager.config),
            (Kind.PROMTAIL, settings.promtail.config),
        ):
            if file is not None:
                self._check(kind, file)
        for pattern in settings.prometheus.rules:
            for file in matching_files(pattern, Path()):
                self._check(Kind.RULES, file)

    def check_file(self, path: Path) -> None:
        """A file of any kind."""
        data, unreadable = read(path)
        node, invalid = compose(data, str(path))
        if unreadable or invalid:
            self.problems += unreadable + invalid
            return
        kind = detect_kind(node) if node is not None else _kind_by_name(path)
        if kind is not None:
            self._check(kind, path)
            return
        names = ", ".join(kind.value for kind in Kind)
        message = "cannot tell what kind of configuration this is"
        hint = f"known kinds: {names}"
        self.problems.append(Problem(str(path), 1, 1, "", message, "unknown-kind", hint=hint))

    def _check(self, kind: Kind, path: Path) -> None:
        resolved = path.resolve()
        if resolved in self._done:
            return
        self._done.add(resolved)
        match kind:
            case Kind.SETTINGS:
                self.check_settings(path)
            case Kind.PROMETHEUS:
                self._check_prometheus(path)
            case Kind.RULES:
                self.problems += _rule_problems(path)
            case Kind.ALERTMANAGER:
                self.problems += load_file(AlertmanagerConfig, path, self._variables).problems
            case Kind.PROMTAIL:
                self._check_promtail(path)
            case Kind.LOKI:
                base, ignored = read_loki_file(path)
                decoded = decode(Settings, base, file=str(path), variables=self._variables)
                self.problems += ignored + decoded.problems
            case Kind.TARGETS:
                self.problems += load_file(list[StaticConfig], path).problems

    def _check_promtail(self, path: Path) -> None:
        """The file, and what its stages are made of: templates, selectors, expressions, zones."""
        from appliance.ingest.tail.stages.pipeline import faults  # noqa: PLC0415 - re2, numpy

        decoded = load_file(PromtailConfig, path, self._variables)
        self.problems += decoded.problems
        if decoded.value is None or not decoded.ok:
            return
        for job in decoded.value.scrape_configs:
            for stage, message in faults(job.pipeline_stages):
                place = decoded.origin(stage, stage.name)
                self.problems.append(Problem(*place, stage.name, message, "bad-value"))

    def _check_prometheus(self, path: Path) -> None:
        _, problems = load_prometheus_config(path, self._variables)
        self.problems += problems
        # Read again on its own: rule files are worth checking even if something else is wrong.
        decoded = load_file(PrometheusConfig, path, self._variables)
        if decoded.value is None:
            return
        for index, pattern in enumerate(decoded.value.rule_files):
            for file in matching_files(pattern, path.parent):
                if file.exists():
                    self._check(Kind.RULES, file)
                    continue
                place = decoded.origin(decoded.value, ("rule_files", index))
                message = f"{pattern!r} does not point to an existing file"
                self.problems.append(Problem(*place, f"rule_files[{index}]", message, "reference"))


def _rule_problems(path: Path) -> list[Problem]:
    _, problems = load_groups([path], interval_ms=60_000, offset_ms=0, features=ALL_FEATURES)
    if any(problem.path == "" and "!!seq" in problem.message for problem in problems):
        hint = "put the rules under `groups:`, then `- name: …` and `rules:`"
        return [dataclasses.replace(problem, hint=hint) for problem in problems]
    return problems


def _kind_by_name(path: Path) -> Kind | None:
    """What an empty file is meant to be."""
    return next((kind for kind in Kind if kind.value in path.stem), None)


def detect_kind(node: yaml.Node | None) -> Kind | None:
    """What kind of file a document is, by its keys; None when nothing fits."""
    if isinstance(node, yaml.SequenceNode):
        keys = {key for item in node.value for key in _keys(item)}
        if keys & {"alert", "record", "expr"}:
            return Kind.RULES
        return Kind.TARGETS if "targets" in keys else None
    keys = _keys(node)
    if "groups" in keys:
        return Kind.RULES
    if keys & _ALERTMANAGER_KEYS:
        return Kind.ALERTMANAGER
    if keys & _LOKI_KEYS or keys & _PROMTAIL_KEYS or _has_promtail_jobs(node):
        return Kind.LOKI if keys & _LOKI_KEYS else Kind.PROMTAIL
    own = {field.name for field in dataclasses.fields(Settings)}
    prometheus = {field.name for field in dataclasses.fields(PrometheusConfig)} | {"global"}
    scores = {Kind.PROMETHEUS: len(keys & prometheus), Kind.SETTINGS: len(keys & own)}
    best = max(scores, key=lambda kind: scores[kind])
    return best if scores[best] else None


def _has_promtail_jobs(node: yaml.Node | None) -> bool:
    """Whether `scrape_configs` is about files and stages."""
    for job in _items(_get(node, "scrape_configs")):
        if _keys(job) & _PROMTAIL_JOB_KEYS:
            return True
        for static in _items(_get(job, "static_configs")):
            if "__path__" in _keys(_get(static, "labels")):
                return True
    return False


def _keys(node: yaml.Node | None) -> set[str]:
    return (
        {str(key.value) for key, _ in node.value} if isinstance(node, yaml.MappingNode) else set()
    )


def _get(node: yaml.Node | None, name: str) -> yaml.Node | None:
    pairs: list[tuple[Any, yaml.Node]] = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == name), None)


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def render_text(problems: Sequence[Problem]) -> str:
    """Findings for people: a line each, help below, and a count."""
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    warnings = len(problems) - errors
    count = f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}"
    return "\n".join([*(problem.render() for problem in problems), count])


def render_json(problems: Sequence[Problem]) -> bytes:
    """Findings for machines: `{"problems": […], "errors": n, "warnings": n}`."""
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    document = {
        "errors": errors,
        "warnings": len(problems) - errors,
        "problems": [problem.as_json() for problem in problems],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)
