"""Settings of the process's own log."""

from __future__ import annotations

from enum import Enum

from appliance.config.schema import section


class LogLevel(Enum):
    """What the process logs of itself."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(Enum):
    """For people or for machines."""

    CONSOLE = "console"
    JSON = "json"


@section
class Log:
    """The process's own log, on standard error."""

    level: LogLevel = LogLevel.INFO
    format: LogFormat = LogFormat.CONSOLE
