"""Who may connect to the balancer, and where it may connect to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Network, ip_network

import pulumi
from pulumi_aws import ec2, vpc


@dataclass(frozen=True, kw_only=True)
class SecurityGroupArgs:
    """What the balancer's group is made from."""

    name: str
    vpc_id: pulumi.Input[str]
    cluster: pulumi.Input[str]
    """Security group of the cluster's nodes and pods."""
    allowed_cidrs: tuple[str, ...]
    listening: tuple[int, ...]
    """Ports that clients connect to."""
    targets: tuple[int, ...]
    """Ports of the gateway's pods: requests, health checks."""


@dataclass(frozen=True, kw_only=True)
class SecurityGroup:
    """The balancer's group."""

    id: pulumi.Output[str]
    rules: tuple[pulumi.Resource, ...]
    """Let the balancer through to the pods."""


def slug(cidr: str) -> str:
    """Part of a resource's name: `203.0.113.0/24` is `203-0-113-0-24`."""
    return re.sub(r"[^0-9a-z]+", "-", cidr.lower()).strip("-") or "all"


def security_group(
    name: str, args: SecurityGroupArgs, opts: pulumi.ResourceOptions
) -> SecurityGroup:
    """In from `allowed_cidrs` on the listening ports; out to the gateway's pods and nowhere else."""
    group = ec2.SecurityGroup(
        name,
        name=args.name,
        # A change of the description replaces the group, and with it every rule.
        description="Load balancer of the gateway",
        vpc_id=args.vpc_id,
        tags={"Name": args.name},
        opts=opts,
    )
    for port in args.listening:
        for cidr in args.allowed_cidrs:
            _admit(f"{name}-in-{port}-{slug(cidr)}", group.id, cidr, port, opts)
    return SecurityGroup(
        id=group.id,
        rules=tuple(_through(name, group.id, args.cluster, args.targets, opts)),
    )


def _admit(
    name: str, group: pulumi.Input[str], cidr: str, port: int, opts: pulumi.ResourceOptions
) -> None:
    newer = isinstance(ip_network(cidr), IPv6Network)
    vpc.SecurityGroupIngressRule(
        name,
        security_group_id=group,
        cidr_ipv4=None if newer else cidr,
        cidr_ipv6=cidr if newer else None,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        description="Clients",
        opts=opts,
    )


def _through(
    name: str,
    group: pulumi.Output[str],
    cluster: pulumi.Input[str],
    ports: Sequence[int],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    rules: list[pulumi.Resource] = []
    for port in ports:
        rules += [
            vpc.SecurityGroupEgressRule(
                f"{name}-out-{port}",
                security_group_id=group,
                referenced_security_group_id=cluster,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                description="Pods of the gateway",
                opts=opts,
            ),
            vpc.SecurityGroupIngressRule(
                f"{name}-cluster-{port}",
                security_group_id=cluster,
                referenced_security_group_id=group,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                description="Load balancer of the gateway",
                opts=opts,
            ),
        ]
    return rules
