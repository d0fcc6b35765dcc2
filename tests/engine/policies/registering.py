"""A program that registers the resources of resources.json, whatever they are, without a provider.

Copied into the projects of tests. They are registered as components, which the engine shows to the
pack as it does any resource, and for which it asks no provider.
"""

import json
from pathlib import Path
from typing import Any

import pulumi
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import resource_pb2


def _struct(props: dict[str, Any]) -> struct_pb2.Struct:
    message = struct_pb2.Struct()
    json_format.ParseDict(props, message)
    return message


def register(entries: list[dict[str, Any]]) -> None:
    """Register what each entry says: name, type, props, links to entries before it, custom or not."""
    monitor: Any = pulumi.runtime.settings.get_monitor()
    urns: dict[str, str] = {}
    for entry in entries:
        origins = {
            key: [urns[name] for name in names if name in urns]
            for key, names in entry["links"].items()
        }
        response = monitor.RegisterResource(
            resource_pb2.RegisterResourceRequest(
                type=entry["type"],
                name=entry["name"],
                custom=entry["custom"],
                object=_struct(entry["props"]),
                acceptSecrets=True,
                dependencies=sorted({urn for urns_of in origins.values() for urn in urns_of}),
                propertyDependencies={
                    key: resource_pb2.RegisterResourceRequest.PropertyDependencies(urns=found)
                    for key, found in origins.items()
                },
            )
        )
        urns[entry["name"]] = response.urn


register(json.loads(Path(__file__).with_name("resources.json").read_text()))
