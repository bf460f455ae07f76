"""One job as YAML, with the defaults filled in and secrets hidden (`/scrape_pools/config`)."""

from __future__ import annotations

import dataclasses
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from appliance.config.scalars import Duration
from appliance.config.schema import fields_of
from appliance.config.secret import Secret, mask_url_passwords

if TYPE_CHECKING:
    from appliance.ingest.scrape.config import ScrapeConfig

#: Shown even when they are off, as the original does.
_ALWAYS = {
    *("honor_timestamps", "track_timestamps_staleness", "enable_compression", "enable_http2"),
    *("follow_redirects", "scrape_native_histograms", "always_scrape_classic_histograms"),
    *("convert_classic_histograms_to_nhcb", "extra_scrape_metrics"),
}


def job_yaml(job: ScrapeConfig) -> str:
    """The job; keys that say nothing are left out."""
    return yaml.safe_dump(_plain(job), sort_keys=False, allow_unicode=True)


def _plain(value: Any) -> Any:
    """A value in types that YAML knows."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        found = {
            field.name: _plain(getattr(value, field.attribute))
            for field in fields_of(type(value)).values()
        }
        return {name: plain for name, plain in found.items() if plain or name in _ALWAYS}
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Duration | Path | Secret):
        return str(value) if value else None
    if value is None or isinstance(value, bool):
        return value
    kind = next((kind for kind in (int, float) if isinstance(value, kind)), str)
    return mask_url_passwords(str(value)) if kind is str else kind(value)
