"""For all tests: how many examples property tests try."""

from __future__ import annotations

import os

from tests.random_examples import choose_profile

choose_profile("ci" if os.environ.get("CI") else "dev")
