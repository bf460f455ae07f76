"""The `otlp:` section of prometheus.yml as the decoder takes it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from appliance.ingest.scrape.remote_config import TranslationStrategy
from appliance.wire.otlp.translation import Translation, default_translation

if TYPE_CHECKING:
    from appliance.ingest.scrape.remote_config import OtlpConfig

_ESCAPING = {
    TranslationStrategy.UNDERSCORE_ESCAPING_WITH_SUFFIXES,
    TranslationStrategy.UNDERSCORE_ESCAPING_WITHOUT_SUFFIXES,
}
_SUFFIXED = {
    TranslationStrategy.UNDERSCORE_ESCAPING_WITH_SUFFIXES,
    TranslationStrategy.NO_UTF8_ESCAPING_WITH_SUFFIXES,
}


@functools.lru_cache(maxsize=4)
def translation_of(config: OtlpConfig | None) -> Translation:
    """The choices; None is a file without that section."""
    if config is None:
        return default_translation()
    return Translation(
        escapes=config.translation_strategy in _ESCAPING,
        adds_suffixes=config.translation_strategy in _SUFFIXED,
        promoted=frozenset(config.promote_resource_attributes),
        promotes_all=config.promote_all_resource_attributes,
        ignored=frozenset(config.ignore_resource_attributes),
        keeps_identifying=config.keep_identifying_resource_attributes,
        promotes_scope=config.promote_scope_metadata,
        custom_buckets=config.convert_histograms_to_nhcb,
    )
