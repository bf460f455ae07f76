"""`pack.yml`: what a pack is called, and which names in its files can be changed."""

from __future__ import annotations

from appliance.config.schema import key, section


@section
class PackVariable:
    """A text of the pack's files that stands for something a site may call otherwise.

    Attributes:
        default: As it stands in the files: a metric's name, an address.
        about: What it is.
    """

    default: str
    about: str = ""


@section
class PackConfig:
    """The whole file.

    Attributes:
        dashboards: Uids of the shipped dashboards that show what its alerts are about.
        variables: By name in the environment.
    """

    title: str = ""
    about: str = ""
    dashboards: list[str] = key(default_factory=list)
    variables: dict[str, PackVariable] = key(default_factory=dict, literal=True)
