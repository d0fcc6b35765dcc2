"""The one reader of `pulumi.Config`: a stack's values, checked before anything is created.

What is wrong is reported in one message, each fault on a line of its own that names the key, what
was got, what is wanted and the file to mend.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, cast

import pulumi
import yaml
from pulumi.runtime.config import CONFIG, get_config_env
from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from components.agents import AgentSettings
from components.cluster import ClusterSettings, EksSettings
from components.edge import GatewaySettings
from components.edge.balancer.load_balancer import misfits
from components.edge.proxy import IDLE_SECONDS
from components.secrets import CredentialSettings
from components.settings import Settings, in_bytes, millicores
from components.stores import StoreSettings
from components.stores.aws_settings import AwsStoreSettings
from components.tenancy import TenantSettings

PROJECT: Final = "agent-platform"
IMAGES: Final = Path(__file__).parent / "images.lock.yaml"


class ConfigError(pulumi.RunError):
    """The stack's configuration cannot be used. The message says what to mend, and where."""


def _unique(entries: tuple[TenantSettings | AgentSettings, ...]) -> None:
    repeated = [name for name, times in Counter(e.name for e in entries).items() if times > 1]
    if repeated:
        raise ValueError(
            f"{', '.join(repr(r) for r in repeated)} is there more than once: names are unique"
        )


def _unique_tenants(entries: tuple[TenantSettings, ...]) -> tuple[TenantSettings, ...]:
    _unique(entries)
    return entries


def _unique_agents(entries: tuple[AgentSettings, ...]) -> tuple[AgentSettings, ...]:
    _unique(entries)
    return entries


class StackConfig(Settings):
    """Everything a stack may set. Both stacks of the project set the same keys."""

    cluster: ClusterSettings
    credentials: CredentialSettings
    gateway: GatewaySettings
    stores: Annotated[StoreSettings | AwsStoreSettings, Field(discriminator="kind")]
    tenants: Annotated[
        tuple[TenantSettings, ...], Field(min_length=1), AfterValidator(_unique_tenants)
    ]
    agents: Annotated[tuple[AgentSettings, ...], AfterValidator(_unique_agents)]

    @model_validator(mode="after")
    def _consistent(self) -> "StackConfig":
        faults = [
            *_homeless(self),
            *_contested_routes(self),
            *_overdrawn(self),
            *_out_of_place(self),
            *_namesakes(self),
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def model_keys(self) -> frozenset[str]:
        """Names of the secrets that agents refer to as their model's key."""
        return frozenset(a.model.api_key for a in self.agents if a.model.api_key is not None)


def _homeless(config: StackConfig) -> Iterator[str]:
    tenants = {tenant.name for tenant in config.tenants}
    for agent in config.agents:
        if agent.tenant not in tenants:
            yield (
                f"agent {agent.name!r} belongs to tenant {agent.tenant!r}, which is not among "
                f"the tenants ({', '.join(sorted(tenants))}): add the tenant or correct the name"
            )


def _contested_routes(config: StackConfig) -> Iterator[str]:
    owners: dict[tuple[str | None, str], str] = {}
    for agent in config.agents:
        for entry in agent.routes:
            key = (entry.host, entry.path.rstrip("/"))
            if key in owners:
                yield (
                    f"agents {owners[key]!r} and {agent.name!r} both want {entry.host or 'any host'}"
                    f"{entry.path}: give one of them another path or host"
                )
            owners[key] = agent.name


def _out_of_place(config: StackConfig) -> Iterator[str]:
    """What the stack's cluster cannot have: each kind of cluster brings stores and an edge of its own."""
    kind = config.cluster.kind
    on_aws = kind == "eks"
    if on_aws != (config.stores.kind == "aws"):
        yield (
            f"stores.kind is {config.stores.kind!r} and cluster.kind is {kind!r}: on EKS the stores are "
            "run by AWS (kind: aws), on any other cluster they are in it (kind: cluster)"
        )
    if on_aws != (config.gateway.balancer is not None):
        yield (
            f"cluster.kind is {kind!r} and gateway.balancer is "
            f"{'missing' if on_aws else 'set'}: a load balancer belongs to EKS, and to EKS alone"
        )
    if isinstance(config.cluster, EksSettings) and config.gateway.balancer is not None:
        account, balancer = config.cluster.location, config.gateway.balancer
        for fault in misfits(balancer, account, idle_seconds=IDLE_SECONDS, canary=False):
            yield f"gateway.balancer: {fault}"
    for agent in config.agents:
        if agent.permissions and not on_aws:
            yield (
                f"agent {agent.name!r} has permissions in AWS and cluster.kind is {kind!r}: they need a "
                "cluster on EKS; leave them out, or give the agent a key as a secret"
            )
    for tenant in config.tenants:
        if tenant.isolation != "namespace" and not on_aws:
            yield (
                f"tenant {tenant.name!r} wants {tenant.isolation} isolation and cluster.kind is "
                f"{kind!r}: nodes and clusters are made on EKS only; set isolation to namespace, or "
                "cluster.kind to eks"
            )


def _namesakes(config: StackConfig) -> Iterator[str]:
    """Node groups of tenants stand beside the cluster's own."""
    if not isinstance(config.cluster, EksSettings):
        return
    taken = {group.name: "the cluster" for group in config.cluster.nodes}
    for tenant in config.tenants:
        for group in tenant.nodes if tenant.isolation == "dedicated" else ():
            if group.name in taken:
                yield (
                    f"node group {group.name!r} of tenant {tenant.name!r} has the name of one of "
                    f"{taken[group.name]}: names are unique in a cluster"
                )
            taken[group.name] = f"tenant {tenant.name!r}"


def _overdrawn(config: StackConfig) -> Iterator[str]:
    """Tenants whose agents, scaled out and with one pod more for an update, would not fit the quota."""
    for tenant in config.tenants:
        agents = [agent for agent in config.agents if agent.tenant == tenant.name]
        pods = [(agent.scale.max + 1, agent.resources) for agent in agents]
        needs = (
            ("agents", len(agents), tenant.quota.agents),
            ("cpu", sum(n * millicores(r.cpu) for n, r in pods), millicores(tenant.quota.cpu)),
            ("memory", sum(n * in_bytes(r.memory) for n, r in pods), in_bytes(tenant.quota.memory)),
        )
        units = {"agents": "{}", "cpu": "{}m", "memory": "{} bytes"}
        for what, need, quota in needs:
            if need > quota:
                yield (
                    f"the agents of tenant {tenant.name!r}, at their maximum and with one pod more "
                    f"each during an update, ask for {units[what].format(need)} of {what} and its "
                    f"quota is {units[what].format(quota)}: raise quota.{what}, or lower scale.max"
                )


def parse(values: Mapping[str, str], stack: str) -> StackConfig:
    """The configuration in `values`, as the engine hands it over: full keys, structures as JSON.

    Raises `ConfigError` with every fault there is. The value of a key that is not known is never
    shown: it may be a secret under a mistyped name.
    """
    own = {
        key.removeprefix(f"{PROJECT}:"): value
        for key, value in values.items()
        if key.startswith(f"{PROJECT}:")
    }
    known = set(StackConfig.model_fields)
    secrets = {key for key in own if key not in known and key.startswith("model_key")}
    faults: list[str] = []
    structures: dict[str, object] = {}
    for key in sorted(own.keys() - secrets):
        try:
            structures[key] = json.loads(own[key])
        except json.JSONDecodeError:
            structures[key] = own[key]
    try:
        config = StackConfig.model_validate_json(json.dumps(structures))
    except ValidationError as error:
        faults += [_fault(each, known) for each in error.errors()]
        raise ConfigError(_message(stack, faults)) from None
    for missing in sorted(config.model_keys - secrets):
        faults.append(
            f"{missing}: an agent's model.api_key refers to it, and it is not set; "
            f"run: pulumi config set --secret {missing}"
        )
    for unused in sorted(secrets - config.model_keys):
        faults.append(f"{unused}: no agent's model.api_key refers to it; remove it or refer to it")
    if faults:
        raise ConfigError(_message(stack, faults))
    return config


_KINDS: Final = {"cluster": ("context", "eks"), "stores": ("cluster", "aws")}
"""Keys with a `kind`: pydantic puts its value into the way to a fault, where no key stands."""


def _fault(error: ErrorDetails, known: set[str]) -> str:
    first, *rest = error["loc"] or ("",)
    if rest and rest[0] in _KINDS.get(str(first), ()):
        rest = rest[1:]
    path = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in (first, *rest)).lstrip(".")
    got = error["input"]
    shown = json.dumps(got, default=str)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    match error["type"]:
        case "missing":
            return f"{path}: is missing; add it"
        case "extra_forbidden":
            if not rest:
                return (
                    f"{path}: is no key of this program; correct or remove it "
                    f"(known: {', '.join(sorted(known))})"
                )
            return f"{path}: is no key of this program, got {shown}; correct or remove it"
        case "value_error":
            reason = error["msg"].removeprefix("Value error, ")
            return f"{path}: {reason}" if path else reason
        case _:
            return f"{path}: got {shown}; {error['msg']}"


def _message(stack: str, faults: list[str]) -> str:
    lines = "\n".join(f"  - {fault}" for fault in faults)
    return f"Pulumi.{stack}.yaml cannot be used:\n{lines}"


def load() -> StackConfig:
    """The configuration of the stack that is running."""
    values = cast("Mapping[str, str]", CONFIG.get() or get_config_env())
    return parse(values, pulumi.get_stack())


def model_keys(config: StackConfig) -> dict[str, pulumi.Output[str]]:
    """The API keys that agents refer to, by name; secret from birth."""
    source = pulumi.Config(PROJECT)
    return {name: source.require_secret(name) for name in sorted(config.model_keys)}


class Images(Settings):
    """References by digest of the images this project builds, as the build wrote them."""

    images: dict[str, Annotated[str, Field(pattern=r"@sha256:[0-9a-f]{64}$")]]

    @classmethod
    def read(cls, path: Path = IMAGES) -> "Images":
        """Reads what the image build wrote. Raises `ConfigError` when it is missing or damaged."""
        try:
            return cls.model_validate(yaml.safe_load(path.read_text()))
        except FileNotFoundError:
            fault = "is missing, and names the images by digest"
        except (ValidationError, yaml.YAMLError) as error:
            fault = f"cannot be read ({error})"
        raise ConfigError(f"{path.name} {fault}; the image build writes it; run: make up")

    def reference(self, image: str) -> str:
        """The reference by digest of `image`, a key of the file or already such a reference."""
        if "@sha256:" in image:
            return image
        if image not in self.images:
            raise ConfigError(
                f"image {image!r} is neither a reference with a digest nor one of "
                f"{IMAGES.name} ({', '.join(sorted(self.images))}): correct the name, "
                "or pin it as name@sha256:…"
            )
        return self.images[image]
