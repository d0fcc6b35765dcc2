"""An agent as a stack file writes it."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from components.edge.route import Route
from components.hardening import Compute
from components.identity import Statement
from components.settings import Name, Percent, Settings

Store = Literal["postgres", "redis"]


class Scale(Settings):
    """Between how many replicas, and at which use of what was asked for (docs/features.md, row A4)."""

    min: Annotated[int, Field(ge=1)]
    max: Annotated[int, Field(ge=1)] = 10
    cpu_percent: Percent = 70
    memory_percent: Percent = 80

    @model_validator(mode="after")
    def _ordered(self) -> "Scale":
        if self.max < self.min:
            raise ValueError(f"max is {self.max} and min is {self.min}: max has to be min or more")
        return self


ModelName = Annotated[str, Field(pattern=r"^[a-z0-9-]+:\S+$")]
"""Vendor and model as PydanticAI writes them: `openai:gpt-4o`."""


class Model(Settings):
    """Which language model answers."""

    primary: ModelName | None = None
    """Without one the offline model answers, which needs no key."""
    fallback: ModelName | None = None
    """Asked when the primary model fails."""
    api_key: str | None = None
    """Name of the stack's secret with the key: `model_key` is read from `agent-platform:model_key`."""

    @model_validator(mode="after")
    def _key_for_a_model(self) -> "Model":
        if (self.primary is None) != (self.api_key is None):
            raise ValueError(
                f"primary is {self.primary} and api_key is {self.api_key}: give both, or neither "
                "for the offline model"
            )
        return self


class Objective(Settings):
    """What the agent promises its callers."""

    availability: Annotated[float, Field(gt=50, lt=100)] = 99.9
    """Percent of requests that are answered without a fault of ours, over 30 days."""
    latency_ms: Annotated[int, Field(ge=1, le=600_000)] = 500
    """Within which 95 % of requests are answered."""

    def __str__(self) -> str:
        return f"{self.availability:g}/{self.latency_ms}ms"


class Permission(Settings):
    """What the agent may do in AWS besides what the platform does for it."""

    actions: Annotated[tuple[str, ...], Field(min_length=1)]
    """Such as `s3:GetObject`, without a wildcard."""
    resources: Annotated[tuple[str, ...], Field(min_length=1)]
    """ARNs, which may end in a wildcard."""

    @property
    def statement(self) -> Statement:
        """The same in a policy. Raises `ValueError` for what is no permission, or too wide a one."""
        return Statement(actions=self.actions, resources=self.resources)

    @model_validator(mode="after")
    def _narrow(self) -> "Permission":
        _ = self.statement
        return self


class AgentSettings(Settings):
    """One entry of the stack's `agents`."""

    name: Name
    tenant: Name
    image: str
    """A key of images.lock.yaml, or a reference that ends in a digest."""
    routes: tuple[Route, ...] = ()
    scale: Scale
    resources: Compute = Compute(cpu="250m", memory="256Mi", cpu_limit="1000m", memory_limit="1Gi")
    stores: tuple[Store, ...] = ("postgres", "redis")
    model: Model = Model()
    slo: Objective = Objective()
    permissions: tuple[Permission, ...] = ()
    """In AWS. With any, its pods have an identity of their own there."""
    egress: tuple[str, ...] = ()
    """Public hosts it calls on port 443. Without any, it reaches nothing outside the cluster."""
    environment: dict[str, str] = Field(default_factory=dict[str, str])
    """Further settings of the runtime, such as `AGENT_LOG_LEVEL`."""
    migrate: tuple[str, ...] = ("python", "-m", "agent_runtime", "migrate")
    """Command that brings the database's schema up to the image; run before each release. May be empty."""
    drain_seconds: Annotated[int, Field(ge=1, le=300)] = 25
    """How long running requests may take to end once a pod has to go."""

    @model_validator(mode="after")
    def _consistent(self) -> "AgentSettings":
        if self.model.primary is not None and not self.egress:
            raise ValueError(
                f"model.primary is {self.model.primary} and egress is empty: the model's vendor "
                "cannot be reached; name its host in egress"
            )
        if self.name.endswith("-migration"):
            raise ValueError(
                f"the name {self.name!r} ends as the names of migrations do: give the agent another"
            )
        return self
