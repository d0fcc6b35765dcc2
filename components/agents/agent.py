"""An agent in the cluster, from one entry of the stack."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apps.v1 import (
    Deployment,
    DeploymentSpecArgs,
    DeploymentStrategyArgs,
    RollingUpdateDeploymentArgs,
)
from pulumi_kubernetes.batch.v1 import Job, JobSpecArgs
from pulumi_kubernetes.core.v1 import (
    ConfigMap,
    PodTemplateSpecArgs,
    Service,
    ServicePortArgs,
    ServiceSpecArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from components.agents.autoscaling import autoscaler
from components.agents.connections import Connections, environment, secrets
from components.agents.network import Neighbours, migration_access, workload_access
from components.agents.placement import ANYWHERE, Placement
from components.agents.pod import METRICS, PodArgs, migrating, serving
from components.agents.settings import AgentSettings
from components.edge.route import route
from components.identity import Identity
from components.labels import OBJECTIVE, access, labels, selector
from components.secrets import DIRECT, Delivery
from components.workload import account, disruption_budget


@dataclass(frozen=True, kw_only=True)
class AgentArgs:
    """What an agent is made from."""

    settings: AgentSettings
    image: str
    """Reference by digest."""
    environment: str
    """Name of the environment it runs in, which it reports with every answer."""
    namespace: pulumi.Input[str]
    """Its tenant's namespace."""
    connections: Connections
    model_keys: Mapping[str, pulumi.Output[str]]
    """API keys by name, secret."""
    neighbours: Neighbours
    delivery: Delivery = DIRECT
    """Of its secrets, to its tenant's namespace."""
    placement: Placement = ANYWHERE
    identity: Identity | None = None
    """Who it is outside the cluster, where it is anybody."""
    priority: pulumi.Input[str] | None = None
    """Name of its priority class."""


class Agent(pulumi.ComponentResource):
    """Workload, service, account, settings, autoscaler, budget, network policy, routes, migration."""

    service: pulumi.Output[str]
    """Name of its Service, known once a pod answers."""
    url: pulumi.Output[str]
    """Base URL within the cluster, no trailing slash."""
    image: str
    """The image it runs, by digest."""

    def __init__(
        self, name: str, args: AgentArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:agents:Agent", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        settings = args.settings
        own = labels(settings.name, "agent", settings.tenant)
        named = ObjectMetaArgs(name=settings.name, namespace=args.namespace, labels=own)

        pod = self._read_by_pods(name, args, named, child)
        network = workload_access(
            f"{name}-network",
            settings=settings,
            metadata=named,
            neighbours=args.neighbours,
            somebody_outside=args.identity is not None,
            opts=child,
        )
        # Credentials are put into a pod as it is made, if they are there by then.
        before: list[pulumi.Resource] = [network, *([args.identity] if args.identity else [])]
        if settings.migrate and "postgres" in settings.stores:
            before.append(self._migration(name, args, pod))
        deployment = Deployment(
            f"{name}-deployment",
            metadata=_annotated(named, {OBJECTIVE: str(settings.slo)}),
            spec=DeploymentSpecArgs(
                revision_history_limit=3,
                progress_deadline_seconds=300,
                selector=LabelSelectorArgs(match_labels=selector(settings.name, "agent")),
                strategy=DeploymentStrategyArgs(
                    type="RollingUpdate",
                    rolling_update=RollingUpdateDeploymentArgs(max_surge=1, max_unavailable=0),
                ),
                template=PodTemplateSpecArgs(
                    metadata=ObjectMetaArgs(labels={**own, **access(*settings.stores)}),
                    spec=serving(pod),
                ),
            ),
            # The number of replicas is the autoscaler's.
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=before, ignore_changes=["spec.replicas"]
            ),
        )
        autoscaler(
            f"{name}-autoscaler",
            metadata=named,
            deployment=deployment.metadata.name,
            scale=settings.scale,
            opts=child,
        )
        disruption_budget(
            f"{name}-budget",
            metadata=named,
            selector=selector(settings.name, "agent"),
            opts=child,
        )
        self._reachable(name, args, named, deployment)
        self.image = args.image
        self.register_outputs({"service": self.service, "url": self.url, "image": self.image})

    def _read_by_pods(
        self, name: str, args: AgentArgs, named: ObjectMetaArgs, child: pulumi.ResourceOptions
    ) -> PodArgs:
        # Unnamed and immutable: a change makes a new object under a new name, which rolls the
        # pods, and a pod that is on its way out keeps what it was started with.
        unnamed = ObjectMetaArgs(namespace=args.namespace, labels=named.labels)
        settings = args.settings
        config = ConfigMap(
            f"{name}-environment",
            metadata=unnamed,
            data=environment(settings, args.environment, args.connections),
            immutable=True,
            opts=child,
        )
        authority = ConfigMap(
            f"{name}-authority",
            metadata=unnamed,
            data=args.connections.authorities,
            immutable=True,
            opts=child,
        )
        delivered = args.delivery.deliver(
            f"{name}-secrets",
            metadata=unnamed,
            files=secrets(settings, args.connections, args.model_keys),
            opts=child,
        )
        known = args.identity
        annotations: Mapping[str, pulumi.Input[str]] = {} if known is None else known.annotations
        return PodArgs(
            settings=settings,
            image=args.image,
            environment=config.metadata.name,
            secrets=delivered,
            authority=authority.metadata.name,
            identity=account(
                f"{name}-account", _annotated(named, annotations), child
            ).metadata.name,
            priority=args.priority,
            placement=args.placement,
        )

    def _migration(self, name: str, args: AgentArgs, pod: PodArgs) -> Job:
        settings = args.settings
        workload = f"{settings.name}-migration"
        own = labels(workload, "job", settings.tenant)
        metadata = ObjectMetaArgs(namespace=args.namespace, labels=own)
        network = migration_access(
            f"{name}-migration-network",
            pods=selector(workload, "job"),
            metadata=metadata,
            neighbours=args.neighbours,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return Job(
            f"{name}-migration",
            metadata=metadata,
            spec=JobSpecArgs(
                backoff_limit=3,
                active_deadline_seconds=600,
                template=PodTemplateSpecArgs(
                    metadata=ObjectMetaArgs(labels={**own, **access("postgres")}),
                    spec=migrating(pod),
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[network]),
        )

    def _reachable(
        self, name: str, args: AgentArgs, named: ObjectMetaArgs, deployment: Deployment
    ) -> None:
        settings, child = args.settings, pulumi.ResourceOptions(parent=self)
        service = Service(
            f"{name}-service",
            metadata=named,
            spec=ServiceSpecArgs(
                selector=selector(settings.name, "agent"),
                ports=[
                    ServicePortArgs(name="http", port=80, target_port="http"),
                    ServicePortArgs(name="metrics", port=METRICS, target_port="metrics"),
                ],
            ),
            # It is ready once a pod is: made before, it would only wait, and longest if they never come.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[deployment]),
        )
        if settings.routes:
            route(
                f"{name}-route",
                metadata=named,
                entries=settings.routes,
                service=settings.name,
                port="http",
                opts=child,
            )
        self.service = service.metadata.name
        self.url = pulumi.Output.format("http://{0}.{1}.svc", self.service, args.namespace)


def _annotated(
    metadata: ObjectMetaArgs, annotations: Mapping[str, pulumi.Input[str]]
) -> ObjectMetaArgs:
    return ObjectMetaArgs(
        name=metadata.name,
        namespace=metadata.namespace,
        labels=metadata.labels,
        annotations=dict(annotations) or None,
    )
