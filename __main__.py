"""The platform: load, wire, export."""

import datetime

import pulumi

import config
from components import foundation
from components.foundation.site import Ground
from components.platform import Platform, PlatformArgs
from components.secrets.rotation import slots

settings = config.load()
stack = pulumi.get_stack()
built = config.Images.read()
names = {*foundation.own_images(settings.cluster), *(agent.image for agent in settings.agents)}
ground = Ground(
    stack=stack,
    images={
        name: foundation.pulled(built.reference(name), settings.cluster, stack) for name in names
    },
    slots=slots(settings.credentials, datetime.datetime.now(datetime.UTC).date()),
    credentials=settings.credentials,
    tenants=settings.tenants,
)
laid = foundation.lay(ground, settings.cluster, settings.stores, settings.gateway)
platform = Platform(
    PlatformArgs(
        ground=ground,
        foundation=laid,
        gateway=settings.gateway,
        agents=settings.agents,
        model_keys=config.model_keys(settings),
    )
)

gateway = platform.gateway
pulumi.export("versions", laid.versions)
pulumi.export(
    "gateway",
    {
        "namespace": gateway.namespace,
        "service": gateway.service,
        **({} if platform.address is None else {"address": platform.address}),
    },
)
pulumi.export(
    "agents",
    {
        name: {
            "namespace": each.namespace,
            "service": each.agent.service,
            "url": each.agent.url,
            "image": each.agent.image,
            "routes": [f"{entry.host or ''}{entry.path}" for entry in each.settings.routes],
        }
        for name, each in platform.agents.items()
    },
)
