"""`appliance check`: every configuration file and all it refers to, judged in one go.

What a file is, its content says. References are followed from `appliance.yml` to `prometheus.yml`,
rule files, packs, `alertmanager.yml`, Loki's and promtail's files, and from `prometheus.yml` to its
rules.
"""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.alertmanager.config import AlertmanagerConfig
from appliance.base.errors import BadInput
from appliance.config.document import compose, matching_files, read
from appliance.config.layers import Layers, load_layers
from appliance.config.load import decode, load_file
from appliance.config.problem import Problem
from appliance.diagnosis.dashboards import JudgedDashboards, is_dashboard, named_dashboards
from appliance.diagnosis.environment import lint_compose, lint_environment
from appliance.diagnosis.kinds import Kind, detect_kind, kind_by_name
from appliance.diagnosis.rules import is_of_logs, is_of_traces, lint_rules
from appliance.ingest.discovery.static import StaticConfig
from appliance.ingest.scrape.config import PrometheusConfig, load_prometheus_config
from appliance.ingest.tail.config import PromtailConfig
from appliance.notify.template.problems import receiver_problems
from appliance.oncall.config import OncallConfig
from appliance.oncall_setup import unreachable
from appliance.packs.load import load_pack
from appliance.packs.overlaps import find_overlaps
from appliance.promql.context import ALL_FEATURES
from appliance.rules.load import load_groups
from appliance.settings.loki_file import read_loki_file
from appliance.settings.root import Settings, load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.diagnosis.live import LiveMetrics


def check_all(
    settings_path: Path | None,
    files: Sequence[Path] = (),
    *,
    environ: Mapping[str, str] | None = None,
    directory: Path = Path(),
    live: LiveMetrics | None = None,
) -> list[Problem]:
    """Check configuration.

    Args:
        settings_path: The `appliance.yml`; None takes the one in `directory`, if there is one.
        files: Files to check instead; what they refer to is checked with them.
        environ: What `${NAME}` stands for; None takes the process's environment.
        directory: Usually the working directory.
        live: What a running server has, to hold rules and runbooks against.

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
    return checker.finish(live)


class _Checker:
    """One run: what was found, and which files are done."""

    def __init__(self, environ: Mapping[str, str], directory: Path) -> None:
        self.problems: list[Problem] = []
        self._environ = environ
        self._directory = directory
        self._done: set[Path] = set()
        self._rules: list[Path] = []
        self._pages: list[Path] = []
        self._routing: AlertmanagerConfig | None = None
        self.judged_dashboards = JudgedDashboards()
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
        for kind, patterns in (
            (Kind.RULES, settings.prometheus.rules),
            (Kind.LOG_RULES, settings.loki_rules),
            (Kind.TRACE_RULES, settings.trace_rules),
        ):
            for pattern in patterns:
                for named in matching_files(pattern, Path()):
                    self._check(kind, named)
        self._check_folders(settings)
        for name in settings.packs:
            self._check_pack(name, settings)
        if settings.oncall is not None:
            self._check(Kind.ONCALL, settings.oncall)
        self.check_dashboards(settings)

    def _check_folders(self, settings: Settings) -> None:
        for page in sorted(settings.runbooks.rglob("*.md")) if settings.runbooks else ():
            self._check(Kind.PAGE, page)
        for name in settings.env_file:
            if (self._base(settings) / name).is_file():
                self._check(Kind.ENVIRONMENT, self._base(settings) / name)

    def check_dashboards(self, settings: Settings) -> None:
        """The dashboards that the settings name, and what provisions them."""
        if not settings.dashboards.grafana and settings.dashboards.provisioning is None:
            return
        found = named_dashboards(settings)
        self.problems += found.problems
        self.judged_dashboards.sources = found.sources
        for path in found.files:
            self._check(Kind.DASHBOARD, path)

    def _base(self, settings: Settings) -> Path:
        return settings.file.parent if settings.file else self._directory

    def _check_pack(self, name: str, settings: Settings) -> None:
        """A pack's rules and, as far as it can be used, its routing."""
        try:
            pack = load_pack(name, self._variables, directory=self._base(settings))
        except BadInput as error:
            file = str(settings.file or "--set packs")
            self.problems.append(Problem(file, 0, 0, "packs", error.message, "reference"))
            return
        for rules in pack.rules:
            self._check(Kind.RULES, rules)
        if pack.routing is not None and not pack.missing:
            self._check(Kind.ALERTMANAGER, pack.routing)

    def check_file(self, path: Path) -> None:
        """A file of any kind."""
        data, unreadable = read(path)
        if not unreadable and path.suffix == ".json" and is_dashboard(data):
            self._check(Kind.DASHBOARD, path)
            return
        kind = kind_by_name(path)
        if kind not in {Kind.ENVIRONMENT, Kind.PAGE} and not unreadable:
            node, unreadable = compose(data, str(path))
            kind = detect_kind(node) if node is not None else kind
        if unreadable:
            self.problems += unreadable
            return
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
        judges: dict[Kind, Callable[[Path], None]] = {
            Kind.SETTINGS: self.check_settings,
            Kind.PROMETHEUS: self._check_prometheus,
            Kind.RULES: self._check_rules,
            Kind.LOG_RULES: self._check_log_rules,
            Kind.TRACE_RULES: self._check_trace_rules,
            Kind.ALERTMANAGER: self._check_alertmanager,
            Kind.ONCALL: self._check_oncall,
            Kind.PROMTAIL: self._check_promtail,
            Kind.LOKI: self._check_loki,
            Kind.TARGETS: self._check_targets,
            Kind.COMPOSE: self._check_compose,
            Kind.ENVIRONMENT: self._check_environment,
            Kind.PAGE: self._check_page,
            Kind.DASHBOARD: self._check_dashboard,
            Kind.PROVISIONING: self._check_provisioning,
        }
        judges[kind](path)

    def _check_alertmanager(self, path: Path) -> None:
        """The file, and the templates in it and in the files that it names."""
        decoded = load_file(AlertmanagerConfig, path, self._variables)
        self.problems += decoded.problems
        if decoded.value is not None and decoded.ok:
            config = decoded.value
            patterns = config.templates
            files = [f for name in patterns for f in matching_files(name, path.parent)]
            self.problems += receiver_problems(config.receivers, files, decoded.report)
            self._routing = self._routing or config

    def _check_oncall(self, path: Path) -> None:
        """The file, and what it names in the routing that was judged before, if one was."""
        decoded = load_file(OncallConfig, path, self._variables)
        self.problems += decoded.problems
        if self._routing is not None:
            self.problems += unreachable(decoded, self._routing)

    def _check_loki(self, path: Path) -> None:
        base, ignored = read_loki_file(path)
        decoded = decode(Settings, base, file=str(path), variables=self._variables)
        self.problems += ignored + decoded.problems

    def _check_targets(self, path: Path) -> None:
        self.problems += load_file(list[StaticConfig], path).problems

    def _check_compose(self, path: Path) -> None:
        self.problems += lint_compose(read(path)[0], str(path))

    def _check_environment(self, path: Path) -> None:
        text = read(path)[0].decode("utf-8", "replace")
        self.problems += lint_environment(text, str(path))

    def finish(self, live: LiveMetrics | None) -> list[Problem]:
        """All findings, those included that are about several files or a running server."""
        self.problems += find_overlaps(self._rules)
        if live is not None:
            from appliance.diagnosis.live import without_series  # noqa: PLC0415 - rarely asked for
            from appliance.diagnosis.reads import reads_of_page, reads_of_rules  # noqa: PLC0415

            shown = self.judged_dashboards.reads()
            for read_by in (reads_of_rules(self._rules), reads_of_page(self._pages), shown):
                self.problems += without_series(read_by, live)
        return self.problems

    def _check_rules(self, path: Path) -> None:
        if is_of_traces(path):
            self._check_trace_rules(path)
            return
        if is_of_logs(path):
            self._check_log_rules(path)
            return
        found = _rule_problems(path)
        self.problems += found + lint_rules(path, found)
        self._rules.append(path)

    def _check_log_rules(self, path: Path) -> None:
        from appliance.rules.log_load import load_log_groups  # noqa: PLC0415 - LogQL

        data, problems = read(path)
        if not problems:
            _, problems = load_log_groups(data, file=str(path), tenant="")
        self.problems += problems

    def _check_trace_rules(self, path: Path) -> None:
        from appliance.rules.trace_load import load_trace_groups  # noqa: PLC0415 - TraceQL

        self.problems += load_trace_groups([path], variables=self._variables)[1]

    def _check_page(self, path: Path) -> None:
        from appliance.diagnosis.runbook import lint_runbook  # noqa: PLC0415 - three languages

        data, problems = read(path)
        self.problems += problems or lint_runbook(data.decode("utf-8", "replace"), str(path))
        self._pages.append(path)

    def _check_dashboard(self, path: Path) -> None:
        self.problems += self.judged_dashboards.judge(path)

    def _check_provisioning(self, path: Path) -> None:
        from appliance.dashboards.library.provisioning import check_file  # noqa: PLC0415 - rare

        # The directory has a folder for each kind of file, this one among them.
        self.problems += check_file(path, path.resolve().parents[1], self._variables)

    def _check_promtail(self, path: Path) -> None:
        """The file, and what its stages are made of: templates, selectors, expressions, zones."""
        from appliance.diagnosis.promtail import lint_promtail  # noqa: PLC0415 - re2
        from appliance.ingest.tail.stages.pipeline import faults  # noqa: PLC0415 - re2, numpy

        decoded = load_file(PromtailConfig, path, self._variables)
        self.problems += decoded.problems + lint_promtail(decoded)
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
