"""Settings that name other programs' configuration files."""

from __future__ import annotations

from pathlib import Path

from appliance.config.schema import section


@section
class PromtailFiles:
    """A promtail configuration, unmodified."""

    config: Path | None = None


@section
class LokiFiles:
    """A configuration of Loki, unmodified; see `loki_file.py`."""

    config: Path | None = None
