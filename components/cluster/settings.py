"""The cluster as a stack file writes it: one that is there, or one that the stack makes on EKS."""

import re
from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, model_validator

from components.account import Account
from components.cluster.instances import Ami, Architecture, architecture_of
from components.cluster.versions import addon_versions
from components.identity import Mode
from components.network.settings import NetworkSettings, RetentionDays, faults
from components.registry.settings import RegistrySettings
from components.settings import Name, Settings

REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
ACCOUNT: Final = re.compile(r"\d{12}")
ROLE: Final = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):role/([\w+=,.@/-]+)")
RELEASE: Final = r"^\d+\.\d+\.\d+-[0-9a-f]{8}$"
"""Of Bottlerocket, a version and a commit; of Amazon Linux, a version of Kubernetes and a date."""
SERVICES: Final = tuple(IPv4Network(n) for n in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
"""Where EKS takes addresses of Services from (API of CreateCluster, `serviceIpv4Cidr`)."""
BROADEST: Final = 8
"""Shortest prefix that may call the API server from outside: two halves of the internet are all of it."""
GROUP_NAME_LIMIT: Final = 36
"""63 characters for the name of a node group, less what makes it unique when one replaces another."""
PUBLIC_BLOCKS: Final = 40
"""How many ranges EKS takes for the public endpoint (service quota)."""


class ContextSettings(Settings):
    """A cluster that is there already."""

    kind: Literal["context"]
    context: Annotated[str, Field(min_length=1)]
    """Name of a context in the kubeconfig. It is named, never ambient: a stack cannot land elsewhere."""


def _group_name(value: str) -> str:
    if len(value) > GROUP_NAME_LIMIT:
        raise ValueError(
            f"{value!r} has {len(value)} characters and a node group's name {GROUP_NAME_LIMIT} at most: "
            "shorten it"
        )
    return value


class NodeGroupSettings(Settings):
    """Nodes of one kind, as many as the pods need."""

    name: Annotated[Name, AfterValidator(_group_name)]
    architecture: Architecture
    """Every instance type has it, and every image that runs here has to be built for it."""
    instance_types: Annotated[tuple[str, ...], Field(min_length=1, max_length=20)]
    """In order of preference. Several of one size let AWS find capacity, spot above all."""
    min: Annotated[int, Field(ge=0)]
    max: Annotated[int, Field(ge=1)]
    desired: Annotated[int, Field(ge=0)] | None = None
    """How many to begin with; `min`, if not given. From then on the autoscaler decides."""
    disk_gib: Annotated[int, Field(ge=20, le=16384)]
    """GiB of each node's volume for images and logs."""
    ami: Ami = "bottlerocket"
    release: Annotated[str, Field(pattern=RELEASE)] | None = None
    """Release of the image, such as `1.66.0-1ad6b4a4`. The newest when the group is made or its version
    changes, if not given. Another one replaces the nodes, which is how they are patched."""
    spot: bool = False
    """Spare capacity: cheaper, and taken away at two minutes' notice."""

    @property
    def initial(self) -> int:
        """How many nodes to begin with."""
        return self.min if self.desired is None else self.desired

    @model_validator(mode="after")
    def _consistent(self) -> "NodeGroupSettings":
        found = [*_wrong_processors(self), *_wrong_sizes(self)]
        if found:
            raise ValueError("; ".join(found))
        return self


def _wrong_processors(group: NodeGroupSettings) -> Iterator[str]:
    if len(set(group.instance_types)) < len(group.instance_types):
        yield f"instance_types of {group.name!r} has a type more than once: name each once"
    for each in group.instance_types:
        has = architecture_of(each)
        if has != group.architecture:
            yield (
                f"{each} has an {has} processor and node group {group.name!r} wants "
                f"{group.architecture}: choose another type, or set architecture to {has}"
            )


def _wrong_sizes(group: NodeGroupSettings) -> Iterator[str]:
    if group.min > group.max:
        yield f"node group {group.name!r} has min {group.min} above max {group.max}: raise max"
    elif not group.min <= group.initial <= group.max:
        yield (
            f"node group {group.name!r} begins with {group.initial} nodes, outside of min "
            f"{group.min} to max {group.max}: leave desired out, or correct it"
        )


def _account(value: str) -> str:
    if not ACCOUNT.fullmatch(value):
        raise ValueError(
            f"{value!r} is no AWS account: write its twelve digits, in quotes so that YAML keeps them"
        )
    return value


def _region(value: str) -> str:
    if not REGION.fullmatch(value):
        raise ValueError(f"{value!r} is no AWS region: write it as eu-central-1, without a zone")
    return value


def _version(value: str) -> str:
    addon_versions(value)
    return value


def _service_cidr(value: str) -> str:
    network = _network(value)
    if not 12 <= network.prefixlen <= 24 or not any(network.subnet_of(each) for each in SERVICES):
        raise ValueError(
            f"{value!r} cannot hold the addresses of Services: EKS takes a prefix from /12 to /24 "
            f"inside {', '.join(map(str, SERVICES))}"
        )
    return value


def _public_access(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if _network(value).prefixlen < BROADEST:
            raise ValueError(
                f"{value!r} lets the internet call the API server: list the addresses that are yours, "
                "or leave public_access out and reach it from inside the network"
            )
    if len(set(values)) < len(values):
        raise ValueError("a range is there more than once: list each once")
    if len(values) > PUBLIC_BLOCKS:
        raise ValueError(f"{len(values)} ranges; EKS takes {PUBLIC_BLOCKS} at most: merge some")
    return values


def _network(value: str) -> IPv4Network:
    try:
        return IPv4Network(value)
    except ValueError as error:
        raise ValueError(
            f"{value!r} is no IPv4 network ({error}): write address and prefix, such as 203.0.113.7/32"
        ) from None


def _administrators(arns: tuple[str, ...]) -> tuple[str, ...]:
    for arn in arns:
        if ":assumed-role/" in arn:
            raise ValueError(
                f"{arn!r} is a session of a role: write the role, arn:aws:iam::…:role/…"
            )
        if not ROLE.fullmatch(arn):
            raise ValueError(
                f"{arn!r} is no IAM role: write arn:aws:iam::<account>:role/<name>; users have "
                "lasting keys and are not let in"
            )
    if len(set(arns)) < len(arns):
        raise ValueError("a role is there more than once: list each once")
    return arns


class EksSettings(Settings):
    """A cluster that the stack makes on AWS, with the network it lives in."""

    kind: Literal["eks"]
    name: Name
    """Name of the cluster, and beginning of the names of its roles: unique in the account."""
    account: Annotated[str, AfterValidator(_account)]
    region: Annotated[str, AfterValidator(_region)]
    version: Annotated[str, AfterValidator(_version)]
    """Minor version of Kubernetes, such as `1.34`. It goes up by one at a time."""
    protect: bool
    """Nothing can be deleted while it is on; what is deleted while it is off leaves nothing behind."""
    network: NetworkSettings
    service_cidr: Annotated[str, AfterValidator(_service_cidr)] = "172.20.0.0/16"
    """Addresses of Services, outside of the network's. It cannot change later."""
    public_access: Annotated[tuple[str, ...], AfterValidator(_public_access)] = ()
    """Who may call the API server from outside of the network; nobody, if empty."""
    administrators: Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_administrators)]
    """IAM roles with all rights in the cluster."""
    deployers: Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_administrators)]
    """Those of them that run Pulumi: being its creator gives no rights. They alone may read the secrets
    that they write."""
    log_days: RetentionDays = 365
    """For how many days the control plane's logs are kept."""
    nodes: Annotated[tuple[NodeGroupSettings, ...], Field(min_length=1)]
    identity: Mode = "pod_identity"
    """How pods come to their roles."""
    registry: RegistrySettings = RegistrySettings()
    endpoint: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    """Where AWS answers, for all services at once: an imitation, or nothing for AWS itself."""

    @property
    def location(self) -> Account:
        """Where in AWS it lives."""
        return Account(id=self.account, region=self.region)

    @model_validator(mode="after")
    def _consistent(self) -> "EksSettings":
        found = [
            *faults(self.network, region=self.region, service_cidr=self.service_cidr),
            *_foreign(self),
            *_powerless(self),
            *_homonyms(self),
        ]
        if found:
            raise ValueError("; ".join(found))
        return self


def _foreign(settings: EksSettings) -> Iterator[str]:
    for arn in settings.administrators:
        match = ROLE.fullmatch(arn)
        if match and match[2] != settings.account:
            yield (
                f"administrator {arn} is a role of account {match[2]} and the cluster is in "
                f"{settings.account}: name a role of {settings.account} that theirs may take on"
            )
        elif match and match[1] != settings.location.partition:
            yield (
                f"administrator {arn} is in partition {match[1]} and {settings.region} is in "
                f"{settings.location.partition}: correct the ARN or the region"
            )


def _powerless(settings: EksSettings) -> Iterator[str]:
    for arn in settings.deployers:
        if arn not in settings.administrators:
            yield (
                f"deployer {arn} is not among the administrators, so that it could make a cluster and "
                "nothing in it: list it there too"
            )


def _homonyms(settings: EksSettings) -> Iterator[str]:
    names = [group.name for group in settings.nodes]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"node group {name!r} is there more than once: names are unique"


ClusterSettings = Annotated[ContextSettings | EksSettings, Field(discriminator="kind")]
"""Which cluster a stack is deployed to."""
