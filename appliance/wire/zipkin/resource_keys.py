"""Tags that belong to a span's resource: OpenTelemetry's semantic conventions for resources.

Zipkin has no resources; exporters write theirs as tags of every span.
"""

from __future__ import annotations

_BY_PREFIX = {
    "aws": "ecs.container.arn ecs.cluster.arn ecs.launchtype ecs.task.arn ecs.task.family"
    " ecs.task.revision eks.cluster.arn log.group.names log.group.arns log.stream.names"
    " log.stream.arns",
    "browser": "brands platform mobile language",
    "cloud": "provider account.id region availability_zone platform resource_id",
    "container": "name id runtime image.name image.tag image.id",
    "deployment": "environment environment.name",
    "device": "id model.identifier model.name manufacturer",
    "faas": "name id version instance max_memory",
    "heroku": "release.creation_timestamp release.commit app.id",
    "host": "id name type arch ip image.name image.id image.version",
    "k8s": "cluster.name cluster.uid node.name node.uid namespace.name pod.uid pod.name"
    " container.name container.restart_count replicaset.uid replicaset.name deployment.uid"
    " deployment.name statefulset.uid statefulset.name daemonset.uid daemonset.name job.uid"
    " job.name cronjob.uid cronjob.name",
    "opencensus": "starttime exporterversion resourcetype",
    "os": "type description name version build_id",
    "process": "pid parent_pid executable.name executable.path command command_args command_line"
    " owner runtime.name runtime.version runtime.description",
    "service": "name namespace instance.id version",
    "telemetry": "sdk.name sdk.language sdk.version auto.version distro.name distro.version",
    "webengine": "name version description",
}
#: All of them.
RESOURCE_KEYS = frozenset(
    f"{prefix}.{name}" for prefix, names in _BY_PREFIX.items() for name in names.split()
)
