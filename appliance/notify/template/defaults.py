"""The default definitions: a file for each kind of addressee, read when first asked for.

Their names and what they print are Alertmanager's; `email.default.html` looks its own way.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.gotemplate.builtins import BUILTINS
from appliance.gotemplate.parser import parse
from appliance.notify.template.functions import FUNCTION_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.gotemplate.ast import Tree

_FOLDER = Path(__file__).with_name("defaults")
#: Every file; a definition stands in the one that its name begins with, or in `base`.
FILES = frozenset(
    (
        "base", "discord", "email", "jira", "mattermost", "msteams", "msteamsv2", "opsgenie",
        "pagerduty", "pushover", "rocketchat", "slack", "sns", "telegram", "victorops", "webex",
        "wechat",
    )
)  # fmt: skip


def default_tree(name: str) -> Tree | None:
    """A default definition, None when there is none of that name."""
    file = "base" if name.startswith("__") else name.partition(".")[0]
    return _definitions(file).get(name) if file in FILES else None


def default_names() -> list[str]:
    """The names of all default definitions, sorted."""
    return sorted(name for file in FILES for name in _definitions(file))


@functools.cache
def _definitions(file: str) -> Mapping[str, Tree]:
    text = _FOLDER.joinpath(f"{file}.tmpl").read_text(encoding="utf-8")
    trees = parse(f"{file}.tmpl", text, {*BUILTINS, *FUNCTION_NAMES})
    return {tree.name: tree for tree in trees[1:]}
