"""What an agent connects to, as the environment and the secret files its image reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi

from components.agents.settings import AgentSettings

Environment = dict[str, pulumi.Input[str]]
AUTHORITIES: Final = "/run/tls"
"""Folder of the authorities' certificates."""


@dataclass(frozen=True, kw_only=True)
class Connections:
    """Where the stores of the agent's tenant are and what opens them, whoever runs them."""

    database_host: pulumi.Input[str]
    database_port: int
    database: pulumi.Input[str]
    """Name of the tenant's database."""
    database_user: pulumi.Input[str]
    database_password: pulumi.Output[str]
    """Secret."""
    redis_host: pulumi.Input[str]
    redis_port: int
    redis_user: pulumi.Input[str]
    redis_password: pulumi.Output[str]
    """Secret."""
    authority: pulumi.Input[str]
    """PEM of the authorities that may have signed the stores' certificates."""
    redis_authority: pulumi.Input[str] | None = None
    """The same for the cache alone, where it has others than the database."""

    @property
    def authorities(self) -> dict[str, pulumi.Input[str]]:
        """Authorities by file name."""
        others = {} if self.redis_authority is None else {"redis.crt": self.redis_authority}
        return {"ca.crt": self.authority, **others}


def environment(settings: AgentSettings, name: str, connections: Connections) -> Environment:
    """The runtime's settings that are no secrets. What the entry sets itself comes last and wins."""
    values: Environment = {
        "AGENT_NAME": settings.name,
        "AGENT_TENANT": settings.tenant,
        "AGENT_ENVIRONMENT": name,
        "AGENT_SECRETS_DIR": "/run/secrets/agent",
        # The pod's hook has already waited until no gateway sends anything new.
        "AGENT_RUN__DRAIN": "0",
        "AGENT_RUN__GRACE": str(settings.drain_seconds),
    }
    if "postgres" in settings.stores:
        values |= {
            "AGENT_DATABASE__HOST": connections.database_host,
            "AGENT_DATABASE__PORT": str(connections.database_port),
            "AGENT_DATABASE__NAME": connections.database,
            "AGENT_DATABASE__USER": connections.database_user,
            "AGENT_DATABASE__CA_FILE": f"{AUTHORITIES}/ca.crt",
        }
    if "redis" in settings.stores:
        authority = "ca.crt" if connections.redis_authority is None else "redis.crt"
        values |= {
            "AGENT_REDIS__HOST": connections.redis_host,
            "AGENT_REDIS__PORT": str(connections.redis_port),
            "AGENT_REDIS__USER": connections.redis_user,
            "AGENT_REDIS__CA_FILE": f"{AUTHORITIES}/{authority}",
        }
    if settings.model.primary is not None:
        values["AGENT_MODEL__PRIMARY"] = settings.model.primary
    if settings.model.fallback is not None:
        values["AGENT_MODEL__FALLBACK"] = settings.model.fallback
    return values | settings.environment


def secrets(
    settings: AgentSettings, connections: Connections, model_keys: Mapping[str, pulumi.Output[str]]
) -> dict[str, pulumi.Input[str]]:
    """The runtime's secrets by file name; every value is secret."""
    files: dict[str, pulumi.Input[str]] = {}
    if "postgres" in settings.stores:
        files["database__password"] = connections.database_password
    if "redis" in settings.stores:
        files["redis__password"] = connections.redis_password
    if settings.model.api_key is not None:
        files["model__api_key"] = model_keys[settings.model.api_key]
    return files
