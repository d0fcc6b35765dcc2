"""The providers: which region and whose tags everything gets, and by what identity it is made."""

import json
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from policies.resource import Props, Resource, Stack, document, has, items, mapping, plain
from policies.rule import (
    Severity,
    cis,
    configured_rule,
    of,
    option,
    rule,
    stack_rule,
)

PROVIDER: Final = "pulumi:providers/aws"
_KUBERNETES: Final = "pulumi:providers/kubernetes"
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_STATIC: Final = ("client-key-data:", "client-key:", "password:", "token:")


@rule(
    of(PROVIDER),
    severity=Severity.HIGH,
    remedy="set region on the provider (cluster.region in the stack file).",
    everywhere=True,
)
def require_explicit_region(provider: Resource) -> Iterator[str]:
    """Where things are made is written down, not taken from whoever deploys."""
    if not provider.props.get("region"):
        yield "region is not set"


def _addresses(endpoints: object) -> list[str]:
    """Every address of the provider's `endpoints`, which the engine hands on as text."""
    try:
        entries = json.loads(endpoints) if isinstance(endpoints, str) else endpoints
    except ValueError:
        entries = ()
    return [str(url) for entry in items(entries) for url in mapping(entry).values() if url]


def _on_loopback(address: str) -> bool:
    return urlsplit(address).hostname in _LOOPBACK


@rule(
    of(PROVIDER),
    severity=Severity.CRITICAL,
    remedy="remove them; whoever deploys has a role, and the provider finds it in the environment.",
    everywhere=True,
)
def forbid_written_credentials(provider: Resource) -> Iterator[str]:
    """No key of AWS stands in a stack."""
    # A stand-in for AWS on this machine takes any key.
    addresses = _addresses(plain(provider.props.get("endpoints")))
    if addresses and all(_on_loopback(address) for address in addresses):
        return
    for key in ("accessKey", "secretKey", "token"):
        if has(provider.props, key):
            yield f"{key} is set"


@configured_rule(
    of(PROVIDER),
    severity=Severity.MEDIUM,
    remedy="set them in defaultTags.tags of the provider, which puts them on everything it makes.",
    options={
        "tags": option(
            "strings", ["project", "environment", "platform"], "Tags that costs are told apart by"
        )
    },
)
def require_cost_tags(provider: Resource, settings: Props) -> Iterator[str]:
    """Everything that costs money says whose it is."""
    # Providers take nested settings as JSON.
    tags = mapping(document(provider.props.get("defaultTags")).get("tags"))
    wanted = [str(tag) for tag in items(settings.get("tags"))]
    if missing := [tag for tag in wanted if not tags.get(tag)]:
        yield f"defaultTags lacks {', '.join(missing)}"


@stack_rule(
    _KUBERNETES,
    severity=Severity.HIGH,
    remedy="let the kubeconfig call `aws eks get-token` (Cluster in components/cluster does).",
    reference=cis("5.5.1 Users come in through AWS IAM"),
    everywhere=True,
)
def require_iam_kubeconfig(provider: Resource, stack: Stack) -> Iterator[str]:
    """On EKS, who deploys is known to AWS; no key of the cluster's own is handed around."""
    if not list(stack.of("aws:eks/Cluster")):
        return
    kubeconfig = str(provider.props.get("kubeconfig") or "").replace('":', ":")
    for key in _STATIC:
        if key in kubeconfig:
            yield f"its kubeconfig has {key.removesuffix(':')}"


RULES: Final = (
    require_explicit_region,
    forbid_written_credentials,
    require_cost_tags,
    require_iam_kubeconfig,
)
