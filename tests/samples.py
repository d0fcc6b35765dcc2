"""Small valid settings and wires that tests build components from."""

import pulumi

from components.agents import AgentArgs, AgentSettings
from components.agents.connections import Connections
from components.agents.network import Neighbours
from components.agents.settings import Scale
from components.edge import GatewayArgs, GatewaySettings, Route
from components.edge.proxy import PODS
from components.hardening import Compute
from components.labels import selector
from components.network.policy import egress, pods_in, tcp
from components.secrets import Authority, CredentialSettings, Slots
from components.stores import (
    DatabaseArgs,
    PostgresSettings,
    RedisSettings,
    StoreImages,
    Stores,
    StoresArgs,
    StoreSettings,
)
from components.tenancy import TenantArgs, TenantSettings

DIGEST = "@sha256:" + "0" * 64
COMPUTE = Compute(cpu="100m", memory="128Mi", cpu_limit="1", memory_limit="256Mi")
SLOTS = Slots(period=228)
CREDENTIALS = CredentialSettings()
TENANT = TenantSettings(name="research", operators=("researchers",))
GATEWAY = GatewaySettings(replicas=2, expose="NodePort", node_port=30080, resources=COMPUTE)
STORES = StoreSettings(
    postgres=PostgresSettings(storage="1Gi", resources=COMPUTE),
    redis=RedisSettings(storage="1Gi", max_memory="64Mi", resources=COMPUTE),
)
AGENT = AgentSettings(
    name="extractor",
    tenant="research",
    image="agent-runtime",
    scale=Scale(min=2, max=4),
    routes=(Route(path="/api/v1"),),
)


def tenant_args() -> TenantArgs:
    """A tenant."""
    return TenantArgs(settings=TENANT)


def gateway_args() -> GatewayArgs:
    """A gateway that serves one tenant."""
    return GatewayArgs(
        settings=GATEWAY, image=f"localhost/traefik{DIGEST}", namespaces=["research"]
    )


def stores_args(authority: Authority, credentials: CredentialSettings = CREDENTIALS) -> StoresArgs:
    """Both stores, with one tenant's user."""
    return StoresArgs(
        settings=STORES,
        images=StoreImages(
            postgres=f"localhost/postgres{DIGEST}", redis=f"localhost/redis{DIGEST}"
        ),
        authority=authority,
        slots=SLOTS,
        credentials=credentials,
        tenants=("research",),
    )


def database_args(stores: Stores) -> DatabaseArgs:
    """The tenant's database."""
    return DatabaseArgs(
        tenant="research",
        server=stores.database,
        slots=SLOTS,
        credentials=CREDENTIALS,
    )


def agent_args(settings: AgentSettings = AGENT) -> AgentArgs:
    """An agent with both stores."""
    return AgentArgs(
        settings=settings,
        image=f"localhost/agent-runtime{DIGEST}",
        environment="test",
        namespace="research",
        connections=Connections(
            database_host="postgres.stores.svc",
            database_port=5432,
            database="research",
            database_user="research_a",
            database_password=pulumi.Output.secret("password-of-the-database"),
            redis_host="redis.stores.svc",
            redis_port=6379,
            redis_user="research",
            redis_password=pulumi.Output.secret("password-of-the-cache"),
            authority="PEM",
        ),
        model_keys={"model_key": pulumi.Output.secret("key")},
        neighbours=Neighbours(
            gateway="gateway",
            gateway_pods=PODS,
            stores={
                store: egress(pods_in("stores", selector(store, "store")), tcp(port))
                for store, port in (("postgres", 5432), ("redis", 6379))
            },
        ),
    )
