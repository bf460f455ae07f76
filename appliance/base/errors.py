"""The kinds of error that may reach a caller.

Nothing below `api/` knows a status code; `api/errors.py` maps each kind to the envelope of the
contract at hand. Anything that is not an `ApplianceError` is a bug.
"""

from __future__ import annotations


class ApplianceError(Exception):
    """Base of every error that has a meaning for the caller.

    Args:
        message: Lower case, names the offending value, says what would be right.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message


class BadInput(ApplianceError):  # noqa: N818 - the house's name for a kind of error
    """The caller can fix it.

    Args:
        message: What is wrong and what would be right.
        position: Offset in the input where it went wrong, in characters, or None.
    """

    def __init__(self, message: str, *, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class QueryFailed(ApplianceError):  # noqa: N818
    """A well-formed query cannot be evaluated on the data there are, such as many-to-many."""


class NotFound(ApplianceError):  # noqa: N818
    """No such thing."""


class Conflict(ApplianceError):  # noqa: N818
    """It clashes with stored state."""


class LimitExceeded(ApplianceError):  # noqa: N818
    """Too much of something.

    Args:
        message: Full text for the caller; names limit and value.
        limit: The setting that would have to be raised, such as `limits.body_bytes`.
        retryable: Whether the same request may succeed later (429) or never (422, 413).
    """

    def __init__(self, message: str, *, limit: str, retryable: bool = False) -> None:
        super().__init__(message)
        self.limit = limit
        self.retryable = retryable


class TooLarge(LimitExceeded):
    """One request's body, raw or decompressed, exceeds its limit."""


class Unavailable(ApplianceError):  # noqa: N818
    """Not now; the same request may succeed later.

    Args:
        message: Why.
        retry_after_seconds: When to try again.
    """

    def __init__(self, message: str, *, retry_after_seconds: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class StorageFull(Unavailable):
    """The disk has no room; the same request succeeds once there is some."""


class TimedOut(ApplianceError):  # noqa: N818
    """The deadline passed before the work was done."""
