"""`alertmanager.yml` (Alertmanager 0.28 and later, configuration), with all its references."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.alertmanager.matchers import MatcherList
from appliance.alertmanager.time_interval import NamedInterval
from appliance.config.scalars import Duration, LabelName, Regex, Utf8Name
from appliance.config.schema import key, section
from appliance.notify.global_config import GlobalConfig
from appliance.notify.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.config.report import Report
    from appliance.notify.chats.slack import SlackConfig

#: Integration, keys of which one must be given here or in `global` under the second names, and what
#: is said when none is.
_FROM_GLOBAL: tuple[tuple[str, tuple[str, ...], tuple[str, ...], str], ...] = (
    (
        "slack_configs",
        ("api_url", "api_url_file", "app_token", "app_token_file"),
        ("slack_api_url", "slack_api_url_file", "slack_app_token", "slack_app_token_file"),
        "no Slack API URL nor App token set either inline or in a file",
    ),
    (
        "opsgenie_configs",
        ("api_key", "api_key_file"),
        ("opsgenie_api_key", "opsgenie_api_key_file"),
        "no global OpsGenie API Key set either inline or in a file",
    ),
    (
        "victorops_configs",
        ("api_key", "api_key_file"),
        ("victorops_api_key", "victorops_api_key_file"),
        "no global VictorOps API Key set",
    ),
    (
        "wechat_configs",
        ("api_secret", "api_secret_file"),
        ("wechat_api_secret", "wechat_api_secret_file"),
        "no global Wechat Api Secret set either inline or in a file",
    ),
    (
        "wechat_configs",
        ("corp_id",),
        ("wechat_api_corp_id",),
        "no global Wechat CorpID set",
    ),
    (
        "telegram_configs",
        ("bot_token", "bot_token_file"),
        ("telegram_bot_token", "telegram_bot_token_file"),
        "missing bot_token or bot_token_file on telegram_config",
    ),
    (
        "rocketchat_configs",
        ("token", "token_file"),
        ("rocketchat_token", "rocketchat_token_file"),
        "no global Rocketchat Token set either inline or in a file",
    ),
    (
        "rocketchat_configs",
        ("token_id", "token_id_file"),
        ("rocketchat_token_id", "rocketchat_token_id_file"),
        "no global Rocketchat TokenID set either inline or in a file",
    ),
    ("jira_configs", ("api_url",), ("jira_api_url",), "no global Jira Cloud URL set"),
    (
        "mattermost_configs",
        ("webhook_url", "webhook_url_file"),
        ("mattermost_webhook_url", "mattermost_webhook_url_file"),
        "missing webhook_url or webhook_url_file on mattermost_config",
    ),
)


@section
class RouteConfig:
    """A node of the routing tree; what is absent is inherited."""

    receiver: str = ""
    group_by: tuple[str, ...] | None = None
    continue_: bool = key("continue", default=False)
    match: dict[LabelName, str] = key(default_factory=dict)
    match_re: dict[LabelName, Regex] = key(default_factory=dict)
    matchers: tuple[MatcherList, ...] = ()
    labels: dict[Utf8Name, str] = key(default_factory=dict)
    group_wait: Duration | None = None
    group_interval: Duration | None = None
    repeat_interval: Duration | None = None
    mute_time_intervals: tuple[str, ...] = ()
    active_time_intervals: tuple[str, ...] = ()
    routes: tuple[RouteConfig, ...] = ()

    def check(self, report: Report) -> None:
        """Grouping makes sense; intervals are not zero."""
        names = self.group_by or ()
        for index, name in enumerate(names):
            if name in names[:index]:
                message = f"duplicated label {name!r} in group_by"
                report.error(self, ("group_by", index), message)
            if not name:
                report.error(self, ("group_by", index), 'invalid label name "" in group_by list')
        if "..." in names and len(names) > 1:
            message = "cannot have wildcard group_by (`...`) and other labels at the same time"
            report.error(self, "group_by", message)
        for field in ("group_interval", "repeat_interval"):
            if getattr(self, field) == 0:
                report.error(self, field, f"{field} cannot be zero")
        _refuse_absent_expressions(self, report, "match_re")

    def walk(self) -> Iterator[RouteConfig]:
        """This route and all below it, parents first."""
        yield self
        for route in self.routes:
            yield from route.walk()


@section
class InhibitRule:
    """Alerts that keep others silent."""

    name: str = ""
    source_match: dict[LabelName, str] = key(default_factory=dict)
    source_match_re: dict[LabelName, Regex] = key(default_factory=dict)
    source_matchers: tuple[MatcherList, ...] = ()
    target_match: dict[LabelName, str] = key(default_factory=dict)
    target_match_re: dict[LabelName, Regex] = key(default_factory=dict)
    target_matchers: tuple[MatcherList, ...] = ()
    equal: tuple[str, ...] = ()

    def check(self, report: Report) -> None:
        """Labels have names."""
        if "" in self.equal:
            path = ("equal", self.equal.index(""))
            report.error(self, path, 'invalid label name "" in equal list')
        _refuse_absent_expressions(self, report, "source_match_re", "target_match_re")


@section
class AlertmanagerConfig:
    """The whole file."""

    global_config: GlobalConfig = key("global", default=GlobalConfig())
    templates: tuple[str, ...] = ()
    route: RouteConfig | None = None
    receivers: tuple[Receiver, ...] = ()
    inhibit_rules: tuple[InhibitRule, ...] = ()
    time_intervals: tuple[NamedInterval, ...] = ()
    mute_time_intervals: tuple[NamedInterval, ...] = ()
    tracing: dict[str, Any] | None = key(default=None, unavailable=True)
    event_recorder: dict[str, Any] | None = key(default=None, unavailable=True)

    def check(self, report: Report) -> None:
        """Names are unique and what is named exists."""
        for index, pattern in enumerate(self.templates):
            if "[" in pattern and "]" not in pattern.rpartition("[")[2]:
                report.error(self, ("templates", index), f"syntax error in pattern: {pattern!r}")
        self._check_receivers(report)
        intervals = self._check_intervals(report)
        if self.route is None:
            message = "no routes provided"
            report.error(
                self, "route", message, code="missing-key", hint="write route: {receiver: NAME}"
            )
            return
        self._check_root(self.route, report)
        names = [receiver.name for receiver in self.receivers]
        for route in self.route.walk():
            if route.receiver and route.receiver not in names:
                message = f"undefined receiver {route.receiver!r} used in route"
                hint = f"receivers are {', '.join(names) or 'none'}"
                report.error(route, "receiver", message, code="reference", hint=hint)
            for field in ("mute_time_intervals", "active_time_intervals"):
                for index, name in enumerate(getattr(route, field)):
                    if name not in intervals:
                        message = f"undefined time interval {name!r} used in route"
                        report.error(route, (field, index), message, code="reference")

    def _check_receivers(self, report: Report) -> None:
        seen: set[str] = set()
        for receiver in self.receivers:
            if not receiver.name:
                report.error(receiver, "name", "missing name in receiver", code="missing-key")
            elif receiver.name in seen:
                message = f"notification config name {receiver.name!r} is not unique"
                report.error(receiver, "name", message, code="duplicate-name")
            seen.add(receiver.name)
            for kind, own, shared, message in _FROM_GLOBAL:
                given = any(getattr(self.global_config, name) for name in shared)
                if given or report.is_spoilt(self.global_config):
                    continue
                for config in getattr(receiver, kind):
                    if not any(getattr(config, name) for name in own):
                        hint = f"set {own[0]} here or global.{shared[0]}"
                        report.error(config, (), message, code="missing-key", hint=hint)
            self._check_mails(receiver, report)
            for slack in receiver.slack_configs:
                self._check_slack(slack, report)

    def _check_mails(self, receiver: Receiver, report: Report) -> None:
        for mail in receiver.email_configs:
            if not (mail.smarthost or self.global_config.smtp_smarthost):
                hint = "set smarthost here or global.smtp_smarthost"
                report.error(
                    mail, (), "no global SMTP smarthost set", code="missing-key", hint=hint
                )
            if not (mail.from_ or self.global_config.smtp_from):
                hint = "set from here or global.smtp_from"
                report.error(mail, (), "no global SMTP from set", code="missing-key", hint=hint)

    def _check_slack(self, slack: SlackConfig, report: Report) -> None:
        """A bot's token is the only login, and wanted where messages are changed."""
        from appliance.notify.chats.slack import NO_BOT, POST  # noqa: PLC0415 - few have one

        shared = self.global_config
        http = slack.http_config or shared.http_config
        is_bot = bool(slack.app_token or slack.app_token_file)
        has_url = bool(slack.api_url or slack.api_url_file)
        has_login = slack.http_config is not None and slack.http_config.authorization is not None
        if not is_bot and not has_url and not has_login:
            is_bot = bool(shared.slack_app_token or shared.slack_app_token_file)
        if is_bot and http is not None and http.authorization is not None:
            message = "http authorization can't be set when using Slack App tokens"
            report.error(slack, "http_config", message)
        url = shared.slack_api_url.reveal() if shared.slack_api_url else ""
        if slack.update_message and not has_url and not is_bot and not url.endswith(POST):
            report.error(slack, "update_message", NO_BOT)

    def _check_intervals(self, report: Report) -> set[str]:
        names: set[str] = set()
        several = {"mute time interval": self.mute_time_intervals}
        for kind, intervals in (several | {"time interval": self.time_intervals}).items():
            for interval in intervals:
                if not interval.name:
                    message = f"missing name in {kind}"
                    report.error(interval, "name", message, code="missing-key")
                elif interval.name in names:
                    message = f"{kind} {interval.name!r} is not unique"
                    report.error(interval, "name", message, code="duplicate-name")
                names.add(interval.name)
        return names

    def _check_root(self, root: RouteConfig, report: Report) -> None:
        if not root.receiver:
            message = "root route must specify a default receiver"
            report.error(root, "receiver", message, code="missing-key")
        for fields, message in (
            (("match", "match_re", "matchers"), "root route must not have any matchers"),
            (("mute_time_intervals",), "root route must not have any mute time intervals"),
            (("active_time_intervals",), "root route must not have any active time intervals"),
        ):
            for field in fields:
                if getattr(root, field):
                    report.error(root, field, message)
        if root.continue_:
            report.error(root, "continue", "cannot have continue in root route")


def _refuse_absent_expressions(
    value: RouteConfig | InhibitRule, report: Report, *keys: str
) -> None:
    """`label:` with nothing behind it reads as null, which matches neither all nor nothing."""
    for name in keys:
        expressions: dict[str, str | None] = getattr(value, name)
        for label in [label for label, text in expressions.items() if text is None]:
            report.error(value, (name, label), f"invalid regexp value for {label!r}")
