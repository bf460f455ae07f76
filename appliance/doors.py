"""Where data enters: a door per signal and contract, each made when first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from appliance.api.http import DEFAULT_TENANT
from appliance.base.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.ingest.log_limits import LogLimits
    from appliance.ingest.logs import LogDoor
    from appliance.ingest.metrics import LabelLimits, MetricDoor
    from appliance.ingest.otlp import OtlpDoor
    from appliance.ingest.pushgateway.gateway import PushGateway
    from appliance.ingest.remote_write import RemoteWriteDoor
    from appliance.ingest.senders import Senders
    from appliance.ingest.span_metrics.generator import SpanMetrics
    from appliance.ingest.span_packets import SpanPackets
    from appliance.ingest.spans import TranslatedSpans
    from appliance.ingest.traces import SpanDoor
    from appliance.model.sources import KeyedAppender
    from appliance.settings.root import Settings
    from appliance.stores import Stores
    from appliance.wire.otlp.translation import Translation


class Doors:
    """See the module's docstring.

    Args:
        appender: The way of samples into the metric store.
        translation: How OTLP metrics become series.
        senders: Told who sends packets; other requests are told of where they come in.
    """

    def __init__(
        self,
        stores: Stores,
        settings: Settings,
        clock: Clock,
        telemetry: Telemetry,
        *,
        appender: KeyedAppender,
        translation: Callable[[], Translation],
        senders: Senders | None = None,
    ) -> None:
        self._stores = stores
        self._settings = settings
        self._clock = clock
        self._telemetry = telemetry
        self._appender = appender
        self._translation = translation
        self._senders = senders

    @cached_property
    def _label_limits(self) -> LabelLimits:
        from appliance.ingest.metrics import LabelLimits  # noqa: PLC0415 - numpy

        limits = self._settings.limits
        return LabelLimits(
            limits.labels_per_series, int(limits.label_name_bytes), int(limits.label_value_bytes)
        )

    @cached_property
    def metrics(self) -> MetricDoor:
        """Where pushed samples enter."""
        from appliance.ingest.metrics import MetricDoor  # noqa: PLC0415 - numpy

        keeper, appender = self._stores.metrics, self._appender
        return MetricDoor(appender, self._label_limits, self._telemetry, keeper=keeper)

    @cached_property
    def remote_write(self) -> RemoteWriteDoor:
        """Where remote write requests enter."""
        from appliance.ingest.remote_write import RemoteWriteDoor  # noqa: PLC0415 - numpy

        keeper, appender = self._stores.metrics, self._appender
        return RemoteWriteDoor(
            appender, self._label_limits, self._telemetry, keeper=keeper, clock=self._clock
        )

    @cached_property
    def pushgateway(self) -> PushGateway:
        """Where short jobs leave their metrics.

        Raises:
            Unavailable: Its listener is not open.
        """
        from appliance.ingest.pushgateway.gateway import PushGateway  # noqa: PLC0415 - numpy

        if self._stores.pushes is None:
            raise Unavailable("the Pushgateway's listener is not open")
        return PushGateway(
            self._stores.pushes,
            self.metrics,
            self._clock,
            tenant=DEFAULT_TENANT,
            max_bytes=int(self._settings.limits.pushed_bytes),
        )

    @cached_property
    def logs(self) -> LogDoor:
        """Where log entries enter."""
        from appliance.ingest.log_guard import GuardLimits  # noqa: PLC0415 - numpy
        from appliance.ingest.logs import LogDoor  # noqa: PLC0415 - numpy

        guard = self._settings.limits.logs.guard
        watched = GuardLimits(guard.values, guard.window / 1000, guard.streams, guard.quiet / 1000)
        return LogDoor(
            self._stores.logs,
            self._clock,
            self._telemetry,
            limits=_log_limits(self._settings),
            guard=watched,
        )

    def apply(self, settings: Settings) -> None:
        """Use the limits of log entries that other settings have; the others need a restart."""
        self._settings = settings
        self.logs.apply(_log_limits(settings))

    @cached_property
    def traces(self) -> SpanDoor:
        """Where spans enter."""
        from appliance.ingest.traces import SpanDoor  # noqa: PLC0415 - numpy

        observe = None if self.span_metrics is None else self.span_metrics.observe
        return SpanDoor(self._stores.traces, self._telemetry, observe=observe)

    @cached_property
    def span_metrics(self) -> SpanMetrics | None:
        """What makes metrics of spans; None when that is switched off."""
        from appliance.ingest.span_metrics.generator import SpanMetrics  # noqa: PLC0415 - numpy

        settings = self._settings.span_metrics
        if not settings.enabled:
            return None
        return SpanMetrics(self._appender, settings.options, self._clock, self._telemetry)

    @cached_property
    def translated_spans(self) -> TranslatedSpans:
        """Where spans of other protocols than OTLP enter."""
        from appliance.ingest.spans import TranslatedSpans  # noqa: PLC0415 - late

        return TranslatedSpans(self.traces, self._telemetry)

    @cached_property
    def span_packets(self) -> SpanPackets:
        """Where spans in UDP packets enter."""
        from appliance.ingest.span_packets import SpanPackets  # noqa: PLC0415 - late

        return SpanPackets(
            lambda: self.translated_spans,
            self._clock,
            self._telemetry,
            tenant=DEFAULT_TENANT,
            senders=self._senders,
        )

    @cached_property
    def otlp(self) -> OtlpDoor:
        """Where OTLP requests enter."""
        from appliance.ingest.otlp import OtlpDoor  # noqa: PLC0415 - numpy

        return OtlpDoor(
            metrics=self.metrics,
            logs=self.logs,
            traces=self.traces,
            clock=self._clock,
            translation=self._translation,
            shared_bytes=int(self._settings.limits.decompressed_bytes) // 4,
        )


def _log_limits(settings: Settings) -> LogLimits:
    from appliance.ingest.log_limits import LogLimits  # noqa: PLC0415 - numpy

    logs = settings.limits.logs
    return LogLimits(
        line_bytes=int(settings.limits.line_bytes),
        labels=logs.labels_per_stream,
        name_bytes=int(logs.label_name_bytes),
        value_bytes=int(logs.label_value_bytes),
        max_age_ms=int(logs.max_age),
        ahead_ms=int(logs.max_ahead),
        metadata_bytes=int(logs.metadata_bytes),
        metadata_count=logs.metadata_count,
    )
