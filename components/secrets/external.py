"""Objects of External Secrets, the controller that brings Secrets Manager's secrets into a cluster."""

from collections.abc import Mapping
from typing import Any, Final

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

API_VERSION: Final = "external-secrets.io/v1"
ONCE: Final[Mapping[str, str]] = {"refreshPolicy": "CreatedOnce"}
"""Read one time, and again only where somebody deleted the Secret."""
EVERY_MINUTE: Final[Mapping[str, str]] = {"refreshPolicy": "Periodic", "refreshInterval": "1m0s"}
"""For what others change: a minute is what a pod that came too early waits for its next try."""


def secret_store(
    name: str,
    *,
    metadata: ObjectMetaArgs,
    region: str,
    role_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> CustomResource:
    """Secrets Manager as seen by `role_arn`, for the ExternalSecrets of one namespace.

    Without `auth` the controller comes as itself, by its pod's identity, and takes on the role.
    """
    spec = {"provider": {"aws": {"service": "SecretsManager", "region": region, "role": role_arn}}}
    return CustomResource(
        name, api_version=API_VERSION, kind="SecretStore", metadata=metadata, spec=spec, opts=opts
    )


def external_secret(
    name: str,
    *,
    metadata: ObjectMetaArgs,
    store: pulumi.Input[str],
    remote: Mapping[str, pulumi.Input[str]],
    refresh: Mapping[str, str],
    target: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """Name of the Secret that the controller makes, which is the name in `metadata`.

    `remote` is the secret's `key` and, to pin it, its `version`. It holds JSON: each name in it
    becomes a file as it stands, which `data` with a `property`, being a path, would not promise.
    """
    spec: dict[str, Any] = {
        "secretStoreRef": {"kind": "SecretStore", "name": store},
        **refresh,
        "target": {"creationPolicy": "Owner", "deletionPolicy": "Retain", **target},
        "dataFrom": [{"extract": dict(remote)}],
    }
    made = CustomResource(
        name,
        api_version=API_VERSION,
        kind="ExternalSecret",
        metadata=metadata,
        spec=spec,
        opts=opts,
    )
    return pulumi.Output.all(metadata.name, made.id).apply(lambda known: str(known[0]))
