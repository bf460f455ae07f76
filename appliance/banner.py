"""What `appliance up` prints when it is ready; the runtime file says the same to programs."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from appliance import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: In the data directory; `testing.py` and scripts read it.
RUNTIME_FILE = "appliance.json"


def banner(
    urls: Mapping[str, str], what: Mapping[str, str], data: Path, *, ephemeral: bool, seconds: float
) -> str:
    """The text: one line per listener, the data directory, the two lines for OpenTelemetry SDKs.

    Args:
        urls: Base URL (or `host:port`) by listener name, in the order to show.
        what: A few words per listener.
    """
    width = max((len(name) for name in urls), default=0)
    kept = "temporary, removed at the end" if ephemeral else "kept between runs"
    lines = [f"appliance {__version__} is ready ({seconds:.2f} s)", ""]
    lines += [f"  {name:{width}}  {url:28} {what.get(name, '')}" for name, url in urls.items()]
    lines += ["", f"  {'data':{width}}  {data} ({kept})"]
    if "otlp_http" in urls:
        lines += [
            "",
            f"  export OTEL_EXPORTER_OTLP_ENDPOINT={urls['otlp_http']}",
            "  export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        ]
    return "\n".join([*lines, "", "  Ctrl-C stops.", ""])


def write_runtime_file(data: Path, urls: Mapping[str, str]) -> Path:
    """Write the runtime file as a whole (temporary file, rename)."""
    path = data / RUNTIME_FILE
    document = {"version": __version__, "pid": os.getpid(), "listeners": dict(urls)}
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(document, indent=2) + "\n")
    temporary.rename(path)
    return path
