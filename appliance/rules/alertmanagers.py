"""Which Alertmanagers are told of alerts (Prometheus 3, configuration, `<alertmanager_config>`)."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from appliance.relabel import relabel_builder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from appliance.relabel import RelabelConfig

_API_PATH = "/api/v2/alerts"
#: Names by which configuration files call the Alertmanager beside them.
_USUAL_NAMES = frozenset({"alertmanager", "appliance"})
_USUAL_PORT = 9093
_OWN_HOSTS = frozenset(
    {
        "localhost",
        "127.0.0.1",
        "::1",
        "0.0.0.0",  # noqa: S104 - compared, not bound
        "host.docker.internal",
    }
)


class FoundTargets(Protocol):
    """Targets that discovery found in one place."""

    @property
    def targets(self) -> Sequence[Mapping[str, str]]:
        """Labels of each, `__address__` among them."""
        ...

    @property
    def labels(self) -> Mapping[str, str]:
        """Labels that all of them share."""
        ...


class Section(Protocol):
    """What a section of `alerting.alertmanagers` says of addresses."""

    @property
    def scheme(self) -> str:
        """`http` or `https`."""
        ...

    @property
    def path_prefix(self) -> str:
        """Comes before the paths of the API."""
        ...

    @property
    def relabel_configs(self) -> tuple[RelabelConfig, ...]:
        """Choose among targets, and change their addresses."""
        ...


@dataclass(frozen=True, slots=True)
class Resolved:
    """The Alertmanagers of a section.

    Attributes:
        urls: Of those that are told; each once.
        dropped: Of those that relabelling drops.
    """

    urls: tuple[str, ...]
    dropped: tuple[str, ...]


def resolve(section: Section, groups: Iterable[FoundTargets]) -> Resolved:
    """The Alertmanagers that a section means."""
    usual = {
        "__scheme__": section.scheme,
        "__alerts_path__": posixpath.join("/", section.path_prefix.strip("/"), _API_PATH[1:]),
    }
    urls, dropped = [], []
    for labels in _targets(groups):
        built = {**usual, **labels}
        before = _url(built)
        if relabel_builder(built, section.relabel_configs):
            urls.append(_url(built))
        else:
            dropped.append(before)
    return Resolved(tuple(dict.fromkeys(urls)), tuple(dropped))


def _targets(groups: Iterable[FoundTargets]) -> Iterator[dict[str, str]]:
    for group in groups:
        for target in group.targets:
            yield {**group.labels, **target}


def _url(labels: Mapping[str, str]) -> str:
    scheme, address = labels.get("__scheme__", ""), labels.get("__address__", "")
    return f"{scheme}://{address}{labels.get('__alerts_path__', '')}"


def is_own(url: str, own_port: int | None) -> bool:
    """Whether an address means our own Alertmanager.

    It does when it is this machine's at the port of our listener, or what such a server is usually
    called in files for containers, at the usual port or ours.

    Args:
        own_port: Of our listener; None when there is none.
    """
    if own_port is None:
        return False
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    if host in _OWN_HOSTS:
        return port == own_port
    return host.split(".")[0] in _USUAL_NAMES and port in {_USUAL_PORT, own_port}
