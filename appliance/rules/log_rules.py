"""Rules over logs: from files of the configuration, and from clients of Loki's ruler API.

Recording rules write series, alerting rules their states, into the metrics of the usual tenant.
Groups from files belong to the usual tenant and cannot be changed through the API.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from appliance.base.errors import BadInput
from appliance.base.tasks import offload
from appliance.config.document import compose
from appliance.rules.log_folder import print_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.config.problem import Problem
    from appliance.rules.group_state import GroupState
    from appliance.rules.log_folder import Group, RuleFolder
    from appliance.rules.manager import RuleManager


@dataclass(frozen=True, slots=True)
class TenantGroup:
    """A group with its evaluation.

    Attributes:
        file: Its namespace, or the path of its file.
    """

    file: str
    state: GroupState


class LogRules:
    """See the module's docstring.

    Args:
        read_files: Groups of the configured files by file's path, and what is wrong with them.
        usual_tenant: Whose they are.
        show: Told what is wrong whenever the files were read.
    """

    def __init__(
        self,
        manager: RuleManager,
        folder: RuleFolder,
        read_files: Callable[[], tuple[Mapping[str, list[GroupState]], Sequence[Problem]]],
        *,
        usual_tenant: str,
        show: Callable[[Sequence[Problem]], None] = lambda _: None,
    ) -> None:
        self.manager = manager
        self._folder = folder
        self._read_files = read_files
        self._usual_tenant = usual_tenant
        self._show = show
        self._groups: dict[str, list[TenantGroup]] = {}
        self._changing = asyncio.Lock()

    async def load(self) -> None:
        """Evaluate what the files and the folder hold now, as far as it can be evaluated."""
        async with self._changing:
            await self._apply()

    def groups(self, tenant: str) -> Sequence[TenantGroup]:
        """A tenant's groups, sorted by file and name."""
        return self._groups.get(tenant, ())

    async def namespaces(self, tenant: str) -> dict[str, list[Group]]:
        """A tenant's groups as they were written, by namespace."""
        return await offload(self._folder.namespaces, tenant)

    async def group(self, tenant: str, namespace: str, name: str) -> Group:
        """One group as it was written.

        Raises:
            NotFound: There is none of this name.
        """
        return await offload(self._folder.group, tenant, namespace, name)

    async def set_group(self, tenant: str, namespace: str, text: bytes) -> None:
        """Add or replace a group.

        Args:
            text: YAML.

        Raises:
            BadInput: Not a group, or one that cannot work; says all that is wrong.
        """
        group = await offload(_checked, text, tenant)
        async with self._changing:
            await offload(self._folder.set_group, tenant, namespace, group)
            await self._apply()

    async def delete_group(self, tenant: str, namespace: str, name: str) -> None:
        """Take a group out.

        Raises:
            NotFound: There is none of this name.
        """
        async with self._changing:
            await offload(self._folder.delete_group, tenant, namespace, name)
            await self._apply()

    async def delete_namespace(self, tenant: str, namespace: str) -> None:
        """Take all groups of a namespace out.

        Raises:
            NotFound: There are none.
        """
        async with self._changing:
            await offload(self._folder.delete_namespace, tenant, namespace)
            await self._apply()

    def _read(self) -> tuple[dict[str, list[TenantGroup]], Sequence[Problem]]:
        found = {tenant: self._read_tenant(tenant) for tenant in self._folder.tenants()}
        files, problems = self._read_files()
        for path, states in files.items():
            own = found.setdefault(self._usual_tenant, [])
            own += [TenantGroup(path, state) for state in states]
        for own in found.values():
            own.sort(key=lambda one: (one.file, one.state.group.name))
        return found, problems

    def _read_tenant(self, tenant: str) -> list[TenantGroup]:
        from appliance.rules.log_load import load_log_groups  # noqa: PLC0415 - Go templates

        found = []
        for namespace, groups in self._folder.namespaces(tenant).items():
            key, text = f"loki/{tenant}/{namespace}", print_yaml({"groups": groups})
            states, _ = load_log_groups(text, file=key, tenant=tenant)
            found += [TenantGroup(namespace, state) for state in states]
        return found

    async def _apply(self) -> None:
        groups, problems = await offload(self._read)
        self._show(problems)
        states = await self.manager.apply([one.state for found in groups.values() for one in found])
        used = iter(states)
        self._groups = {
            tenant: [TenantGroup(one.file, next(used)) for one in found]
            for tenant, found in groups.items()
        }


def _checked(text: bytes, tenant: str) -> Group:
    """A group of a request that can be evaluated."""
    from appliance.rules.log_load import check_log_groups  # noqa: PLC0415 - Go templates

    group = _parse(text)
    check_log_groups(print_yaml({"groups": [group]}), tenant=tenant)
    return group


def _parse(text: bytes) -> Group:
    """A group of a request, as it is written."""
    wrong = "unable to decoded rule group"
    if compose(text, "")[1]:  # it may also nest so deeply that loading it would end the process
        raise BadInput(wrong)
    try:
        group = yaml.load(text, yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadInput(wrong) from error
    if not isinstance(group, dict) or not isinstance(group.get("rules", []), list):
        raise BadInput(wrong)
    return group
