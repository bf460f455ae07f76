"""Pipeline stages of a promtail configuration (Loki, promtail, pipeline stages)."""

from __future__ import annotations

import dataclasses
import re
from enum import Enum
from typing import TYPE_CHECKING, Any

from appliance.config.scalars import ByteSize, GoDuration, LabelName, Regex
from appliance.config.schema import key, section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.config.report import Report

_CAPTURE = re.compile(r"<[A-Za-z][A-Za-z0-9_]*>|<_[A-Za-z0-9_]+>")


def _check_paths(value: Any, field: str, paths: dict[str, str | None], *, report: Report) -> None:
    """Refuse JMESPath expressions that start with a dot, as jq writes them."""
    for name, path in paths.items():
        if path and path.startswith("."):
            message = f"invalid JMESPath expression {path!r}: it starts with a dot"
            hint = f"write {path.lstrip('.') or '@'!r}"
            report.error(value, (field, name), message, hint=hint)


def _check_names(value: Any, field: str, names: Any, *, report: Report) -> None:
    if not names:
        report.error(value, field, f"{field} stage config cannot be empty")


@section
class RegexStage:
    """Named groups of an expression become extracted values."""

    expression: Regex = key(literal=True)
    source: str | None = None
    labels_from_groups: bool = False

    def check(self, report: Report) -> None:
        """At least one group has a name."""
        if "(?P<" not in self.expression and "(?<" not in self.expression:
            report.error(
                self,
                "expression",
                "regex stage needs at least one named group",
                hint="write (?P<name>…)",
            )


@section
class JsonStage:
    """JMESPath expressions over the line, or over an extracted value."""

    expressions: dict[str, str | None] = key(default_factory=dict, literal=True)
    source: str | None = None
    drop_malformed: bool = False

    def check(self, report: Report) -> None:
        """There are expressions, and none in jq's style."""
        if not self.expressions:
            report.error(self, "expressions", "JMES expression is required", code="missing-key")
        _check_paths(self, "expressions", self.expressions, report=report)


@section
class PatternStage:
    """Captures of a pattern, as LogQL has them, become extracted values."""

    pattern: str = key(literal=True)
    source: str | None = None
    labels_from_groups: bool = False

    def check(self, report: Report) -> None:
        """It captures something."""
        if _CAPTURE.search(self.pattern) is None:
            message = "pattern stage needs at least one named capture"
            report.error(self, "pattern", message, hint="write <name>")


@section
class LogfmtStage:
    """Fields of a logfmt line become extracted values."""

    mapping: dict[str, str | None] = key(default_factory=dict)
    source: str | None = None

    def check(self, report: Report) -> None:
        """There is a mapping."""
        if not self.mapping:
            report.error(self, "mapping", "logfmt mapping is required", code="missing-key")


@section
class CriStage:
    """Lines of containerd and CRI-O; partial ones are joined."""

    max_partial_lines: int = 100
    max_partial_line_size: ByteSize = ByteSize(0)
    max_partial_line_size_truncate: bool = False


@section
class ReplaceStage:
    """Parts of a line that match are rewritten."""

    expression: Regex = key(literal=True)
    source: str | None = None
    replace: str = key(default="", literal=True)


@section
class TemplateStage:
    """A Go template makes an extracted value."""

    source: str
    template: str = key(default="", literal=True)


@section
class MultilineStage:
    """Lines are joined until one matches `firstline`."""

    firstline: Regex = key(literal=True)
    max_wait_time: GoDuration = GoDuration(3_000)
    max_lines: int = 128


@section
class TimestampStage:
    """An extracted value becomes the entry's time."""

    source: str
    format: str
    fallback_formats: tuple[str, ...] = ()
    location: str | None = None
    action_on_failure: str = "fudge"

    def check(self, report: Report) -> None:
        """One of the two actions."""
        if self.action_on_failure not in {"skip", "fudge"}:
            message = f"invalid action on failure {self.action_on_failure!r}"
            report.error(self, "action_on_failure", message, hint="one of skip, fudge")


@section
class OutputStage:
    """An extracted value becomes the line."""

    source: str


@section
class PackStage:
    """Labels and line are packed into a JSON object."""

    labels: tuple[str, ...] = ()
    ingest_timestamp: bool = True


@section
class LimitStage:
    """At most so many lines a second."""

    rate: float
    burst: int
    drop: bool = False
    by_label_name: str = ""
    max_distinct_labels: int = 10_000

    def check(self, report: Report) -> None:
        """A rate; by label, entries can only be dropped."""
        for name in ("rate", "burst"):
            if getattr(self, name) <= 0:
                report.error(self, name, f"limit stage needs a {name} above 0")
        if self.by_label_name and not self.drop:
            message = "limiting by label needs `drop: true`"
            report.error(self, "by_label_name", message)


class MatchAction(Enum):
    """What happens to entries that a selector chooses."""

    KEEP = "keep"
    DROP = "drop"


@section
class MatchStage:
    """Stages for the entries that a LogQL selector chooses."""

    selector: str = key(literal=True)
    pipeline_name: str | None = None
    stages: tuple[Stage, ...] = ()
    action: MatchAction = MatchAction.KEEP
    drop_counter_reason: str | None = None

    def check(self, report: Report) -> None:
        """Either stages or dropping."""
        if self.action is MatchAction.DROP and self.stages:
            message = "match stage configured to drop entries cannot contain stages"
            report.error(self, "stages", message)
        elif self.action is MatchAction.KEEP and not self.stages:
            message = "match stage requires at least one additional stage to be defined in 'stages'"
            report.error(self, "stages", message, code="missing-key")


@section
class TenantStage:
    """The tenant of an entry, from one of three places."""

    label: str = ""
    source: str = ""
    value: str = ""

    def check(self, report: Report) -> None:
        """Exactly one of them."""
        if sum(bool(item) for item in (self.label, self.source, self.value)) != 1:
            report.error(self, (), "tenant stage needs exactly one of label, source and value")


@section
class DropStage:
    """Entries for which everything given holds are dropped."""

    source: tuple[str, ...] = key(default=(), single=True)
    separator: str = ";"
    value: str | None = None
    expression: Regex | None = key(default=None, literal=True)
    older_than: GoDuration | None = None
    longer_than: ByteSize | None = None
    drop_counter_reason: str | None = None

    def check(self, report: Report) -> None:
        """There is a condition, and value and expression exclude each other."""
        if not any((self.source, self.value, self.expression, self.older_than, self.longer_than)):
            message = "drop stage needs source, expression, older_than or longer_than"
            report.error(self, (), message, code="missing-key")
        if self.value is not None and self.expression is not None:
            report.error(self, "expression", "drop stage takes value or expression, not both")


@section
class SamplingStage:
    """A random part of the entries is kept."""

    rate: float
    drop_counter_reason: str | None = None

    def check(self, report: Report) -> None:
        """A ratio."""
        if not 0 <= self.rate <= 1:
            report.error(self, "rate", f"sampling rate {self.rate} is not between 0 and 1")


_METRIC_ACTIONS = {"counter": ("inc", "add"), "gauge": ("set", "inc", "dec", "add", "sub")}


@section
class MetricAction:
    """What an entry does to a metric."""

    action: str = ""
    value: str | None = None
    match_all: bool = False
    count_entry_bytes: bool = False
    buckets: tuple[float, ...] = ()


@section
class MetricStage:
    """A metric made of entries; the name without a source is its own."""

    type: str
    description: str = ""
    source: str | None = None
    prefix: str = ""
    max_idle_duration: GoDuration = GoDuration(300_000)
    config: MetricAction = key(default=MetricAction(), null_is_empty=True)

    @property
    def kind(self) -> str:
        """`counter`, `gauge` or `histogram`."""
        return self.type.lower()

    def check(self, report: Report) -> None:
        """A known type with an action of its own."""
        config, action = self.config, self.config.action.lower()
        if self.kind not in {"counter", "gauge", "histogram"}:
            message = f"invalid metric type {self.type!r}"
            report.error(self, "type", message, hint="one of counter, gauge, histogram")
        elif (known := _METRIC_ACTIONS.get(self.kind)) and action not in known:
            message = f"{self.kind} action {config.action!r} is not valid"
            report.error(self, "config", message, hint=f"one of {', '.join(known)}")
        if self.max_idle_duration < 1000:
            report.error(self, "max_idle_duration", "max_idle_duration less than 1s not allowed")
        if config.match_all and config.value is not None:
            message = "`match_all: true` cannot be combined with `value`"
            report.error(self, "config", message, hint="remove one of them")
        if config.count_entry_bytes and not (config.match_all and action == "add"):
            message = "`count_entry_bytes: true` needs `match_all: true` and `action: add`"
            report.error(self, "config", message)


@section
class Stage:
    """One stage: a mapping with exactly one key, the stage's name."""

    cri: CriStage | None = key(default=None, null_is_empty=True)
    decolorize: dict[str, Any] | None = key(default=None, null_is_empty=True)
    docker: dict[str, Any] | None = key(default=None, null_is_empty=True)
    drop: DropStage | None = key(default=None, null_is_empty=True)
    eventlogmessage: dict[str, Any] | None = key(default=None, unavailable=True)
    geoip: dict[str, Any] | None = key(default=None, unavailable=True)
    json: JsonStage | None = key(default=None, null_is_empty=True)
    labelallow: tuple[str, ...] | None = None
    labeldrop: tuple[str, ...] | None = None
    labels: dict[LabelName, str | None] | None = key(default=None, null_is_empty=True)
    limit: LimitStage | None = key(default=None, null_is_empty=True)
    logfmt: LogfmtStage | None = key(default=None, null_is_empty=True)
    match: MatchStage | None = key(default=None, null_is_empty=True)
    metrics: dict[str, MetricStage] | None = key(default=None, null_is_empty=True)
    multiline: MultilineStage | None = key(default=None, null_is_empty=True)
    non_indexed_labels: dict[str, str | None] | None = None
    output: OutputStage | None = key(default=None, null_is_empty=True)
    pattern: PatternStage | None = key(default=None, null_is_empty=True)
    pack: PackStage | None = key(default=None, null_is_empty=True)
    regex: RegexStage | None = key(default=None, null_is_empty=True)
    replace: ReplaceStage | None = key(default=None, null_is_empty=True)
    sampling: SamplingStage | None = key(default=None, null_is_empty=True)
    static_labels: dict[LabelName, str | None] | None = key(default=None, null_is_empty=True)
    structured_metadata: dict[str, str | None] | None = key(default=None, null_is_empty=True)
    structured_metadata_drop: tuple[str, ...] | None = None
    template: TemplateStage | None = key(default=None, null_is_empty=True)
    tenant: TenantStage | None = key(default=None, null_is_empty=True)
    timestamp: TimestampStage | None = key(default=None, null_is_empty=True)

    @property
    def name(self) -> str:
        """The stage's name; empty when there is none."""
        names = [field.name for field in dataclasses.fields(self)]
        return next((name for name in names if getattr(self, name) is not None), "")

    def check(self, report: Report) -> None:
        """One key, and something under it."""
        names = [field.name for field in dataclasses.fields(self)]
        given = [name for name in names if getattr(self, name) is not None]
        if len(given) != 1:
            message = "pipeline stage must contain only one key"
            hint = f"write one `- name:` each for {', '.join(given)}" if given else ""
            report.error(self, given[1] if given else (), message, hint=hint)
        for name in ("labels", "static_labels", "labelallow", "labeldrop"):
            if name in given:
                _check_names(self, name, getattr(self, name), report=report)


def walk_stages(stages: tuple[Stage, ...]) -> Iterator[Stage]:
    """All stages, those within `match` included, in order."""
    for stage in stages:
        yield stage
        if stage.match is not None:
            yield from walk_stages(stage.match.stages)
