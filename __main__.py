"""The platform: load, wire, export."""

import datetime

import pulumi
import pulumi_kubernetes as kubernetes

import config
from components.agents import Agent, AgentArgs
from components.agents.connections import Connections
from components.agents.network import Neighbours
from components.edge import Gateway, GatewayArgs
from components.edge.proxy import PODS as GATEWAY_PODS
from components.secrets import Authority
from components.secrets.rotation import slots
from components.stores import Database, DatabaseArgs, StoreImages, Stores, StoresArgs
from components.tenancy import Tenant, TenantArgs

settings = config.load()
images = config.Images.read()
model_keys = config.model_keys(settings)
rotation = slots(settings.credentials, datetime.datetime.now(datetime.UTC).date())

cluster = kubernetes.Provider(
    "cluster",
    context=settings.cluster.context,
    enable_server_side_apply=True,
    # A named ConfigMap or Secret is changed in place; what must roll pods is unnamed and immutable.
    enable_config_map_mutable=True,
    enable_secret_mutable=True,
)
on_cluster = pulumi.ResourceOptions(providers={"kubernetes": cluster})

authority = Authority("platform")
tenants = {
    tenant.name: Tenant(tenant.name, TenantArgs(settings=tenant), on_cluster)
    for tenant in settings.tenants
}
stores = Stores(
    "stores",
    StoresArgs(
        settings=settings.stores,
        images=StoreImages(postgres=images.reference("postgres"), redis=images.reference("redis")),
        authority=authority,
        slots=rotation,
        credentials=settings.credentials,
        tenants=tuple(tenants),
    ),
    on_cluster,
)
databases = {
    tenant: Database(
        f"{tenant}-database",
        DatabaseArgs(
            tenant=tenant,
            server=stores.postgres,
            slots=rotation,
            credentials=settings.credentials,
        ),
        on_cluster,
    )
    for tenant in tenants
}
gateway = Gateway(
    "gateway",
    GatewayArgs(
        settings=settings.gateway,
        image=images.reference("traefik"),
        namespaces=[tenant.namespace for tenant in tenants.values()],
    ),
    on_cluster,
)
agents = {
    agent.name: Agent(
        agent.name,
        AgentArgs(
            settings=agent,
            image=images.reference(agent.image),
            environment=pulumi.get_stack(),
            namespace=tenants[agent.tenant].namespace,
            connections=Connections(
                database_host=stores.postgres.host,
                database_port=stores.postgres.port,
                database=databases[agent.tenant].name,
                database_user=databases[agent.tenant].user,
                database_password=databases[agent.tenant].password,
                redis_host=stores.redis.host,
                redis_port=stores.redis.port,
                redis_user=agent.tenant,
                redis_password=stores.redis.passwords[agent.tenant],
                authority=authority.certificate,
            ),
            model_keys=model_keys,
            neighbours=Neighbours(
                gateway=gateway.namespace,
                gateway_pods=GATEWAY_PODS,
                stores=stores.postgres.namespace,
            ),
        ),
        on_cluster,
    )
    for agent in settings.agents
}

pulumi.export("gateway", {"namespace": gateway.namespace, "service": gateway.service})
pulumi.export(
    "agents",
    {
        name: {
            "namespace": tenants[agent.tenant].namespace,
            "service": agents[name].service,
            "url": agents[name].url,
            "image": agents[name].image,
            "routes": [f"{entry.host or ''}{entry.path}" for entry in agent.routes],
        }
        for name, agent in ((agent.name, agent) for agent in settings.agents)
    },
)
