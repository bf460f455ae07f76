"""Text that must not be shown."""

from __future__ import annotations

import hmac
import re

#: What stands where a secret is.
MASK = "<secret>"
_URL_PASSWORD = re.compile(r"(://[^/\s:@]*:)[^/\s]+@")
_QUERY = re.compile(r"(?<=://)[^\s?\"']*\?[^\s\"']*")
_SENSITIVE = r"(?:token|secret|passw|api_?key|signature)"
_SECRET_PARAMETER = re.compile(rf"([?&][^?&=#]*{_SENSITIVE}[^?&=#]*=)[^&#]+", re.IGNORECASE)


class Secret:
    """A password, token or address with a token in it.

    Invariant: no way of printing one shows its text; only `reveal` gives it out.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    @classmethod
    def from_text(cls, text: str) -> Secret:
        """The secret a file holds."""
        return cls(text)

    def reveal(self) -> str:
        """The text itself; call it where the secret is sent, and nowhere else."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "<secret>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format("<secret>", spec)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")


def mask_url_passwords(text: str) -> str:
    """A text with the passwords of all addresses in it replaced, in their parameters too."""
    if "://" not in text:
        return text
    shown = _URL_PASSWORD.sub(rf"\1{MASK}@", text)
    return _QUERY.sub(lambda found: _SECRET_PARAMETER.sub(rf"\1{MASK}", found[0]), shown)


def masked_parameter(name: str, value: str) -> str:
    """The value of an address' parameter, replaced where the name says that it is a secret."""
    return MASK if value and re.search(_SENSITIVE, name, re.IGNORECASE) else value
