"""How many random examples a property test tries.

`dev` tries new ones each time; `ci` tries fewer, and the same ones as long as neither the test nor
Hypothesis changes, so that a change is judged by what it changes. `--hypothesis-profile` chooses.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

#: What a test's number of examples is for.
_USUAL = 100
_CI = 40
_FEWEST = 10


def choose_profile(name: str) -> None:
    """Use a profile from now on; before modules of tests are imported."""
    # Time says more of the machine than of a test: it is not judged.
    slow = [HealthCheck.too_slow]
    settings.register_profile(
        "dev", deadline=None, suppress_health_check=slow, max_examples=_USUAL, print_blob=True
    )
    settings.register_profile(
        "ci", settings.get_profile("dev"), max_examples=_CI, derandomize=True, database=None
    )
    settings.load_profile(name)


def examples(usual: int) -> settings:
    """A decorator: how many examples a test tries under `dev`, in proportion under others."""
    return settings(max_examples=scaled(usual))


def scaled(usual: int) -> int:
    """A number of examples under the profile that is used."""
    return min(usual, max(_FEWEST, usual * settings().max_examples // _USUAL))
