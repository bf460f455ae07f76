"""Rule groups that clients have set, as files: `<folder>/<tenant>/<namespace>.yaml`.

Invariant: a file is replaced as a whole, so that it is always there as before or as after a change;
it is a rule file that could be used elsewhere.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import yaml

from appliance.base.errors import BadInput, NotFound

if TYPE_CHECKING:
    from pathlib import Path

#: A group as it was written.
Group = dict[str, Any]
#: What file systems take for a name, less our endings.
_MOST_NAME_BYTES = 240
_NO_GROUP, _NO_NAMESPACE = "group does not exist", "group namespace does not exist"


class RuleFolder:
    """See the module's docstring; plain calls that touch the disk.

    Args:
        path: The folder; made with the first group.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def tenants(self) -> list[str]:
        """Tenants that have groups, sorted."""
        if not self._path.is_dir():
            return []
        return sorted(unquote(folder.name) for folder in self._path.iterdir() if folder.is_dir())

    def namespaces(self, tenant: str) -> dict[str, list[Group]]:
        """A tenant's groups by namespace, sorted."""
        folder = self._path / _name(tenant)
        if not folder.is_dir():
            return {}
        files = {unquote(file.stem): file for file in folder.glob("*.yaml")}
        return {name: _read(files[name]) for name in sorted(files)}

    def group(self, tenant: str, namespace: str, name: str) -> Group:
        """One group.

        Raises:
            NotFound: There is none of this name.
        """
        for group in self.namespaces(tenant).get(namespace, ()):
            if group.get("name") == name:
                return group
        raise NotFound(_NO_GROUP)

    def set_group(self, tenant: str, namespace: str, group: Group) -> None:
        """Add a group, or put it in the place of the one of the same name.

        Raises:
            BadInput: The namespace is too long for a file's name.
        """
        if len(_name(namespace)) > _MOST_NAME_BYTES:
            raise BadInput(f"namespace {namespace[:50]!r}… is too long")
        groups = self.namespaces(tenant).get(namespace, [])
        names = [known.get("name") for known in groups]
        if group.get("name") in names:
            groups[names.index(group.get("name"))] = group
        else:
            groups.append(group)
        self._write(tenant, namespace, groups)

    def delete_group(self, tenant: str, namespace: str, name: str) -> None:
        """Take a group out.

        Raises:
            NotFound: There is none of this name.
        """
        groups = self.namespaces(tenant).get(namespace, [])
        left = [group for group in groups if group.get("name") != name]
        if len(left) == len(groups):
            raise NotFound(_NO_GROUP)
        if left:
            self._write(tenant, namespace, left)
        else:
            self.delete_namespace(tenant, namespace)

    def delete_namespace(self, tenant: str, namespace: str) -> None:
        """Take all groups of a namespace out.

        Raises:
            NotFound: There are none.
        """
        try:
            self._file(tenant, namespace).unlink()
        except OSError as error:  # it may also be too long for a name
            if error.errno not in {errno.ENOENT, errno.ENAMETOOLONG}:
                raise
            raise NotFound(_NO_NAMESPACE) from error

    def _file(self, tenant: str, namespace: str) -> Path:
        return self._path / _name(tenant) / f"{_name(namespace)}.yaml"

    def _write(self, tenant: str, namespace: str, groups: list[Group]) -> None:
        file = self._file(tenant, namespace)
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_suffix(".new")
        with temporary.open("w", encoding="utf-8") as stream:
            stream.write(print_yaml({"groups": groups}))
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)


def _name(text: str) -> str:
    """A name that can be a file's; `.` alone is none."""
    return quote(text, safe="").replace(".", "%2E")


def _read(file: Path) -> list[Group]:
    groups: list[Group] = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)["groups"]
    return groups


def print_yaml(document: object) -> str:
    """A document as YAML, keys in their order."""
    text: str = yaml.dump(
        document, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=1000
    )
    return text
