"""Functions of the sprig library, by name: text, numbers, times, data.

What reads the environment, files or the network, or makes keys and random text, is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.gotemplate.sprig.data import DATA
from appliance.gotemplate.sprig.dates import DATES
from appliance.gotemplate.sprig.numbers import NUMBERS
from appliance.gotemplate.sprig.text import GO_TEXT, TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.gotemplate.values import Function

__all__ = ["GO_TEXT", "SPRIG"]

SPRIG: Mapping[str, Function] = {**DATA, **DATES, **NUMBERS, **TEXT}
