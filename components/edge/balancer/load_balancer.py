"""A load balancer of AWS in front of the gateway: clients, TLS, firewall, pods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import lb, route53

from components.account import Account
from components.edge.balancer.access_logs import AccessLogs, AccessLogsArgs, access_logs
from components.edge.balancer.backend import Backend
from components.edge.balancer.binding import BindingArgs, binding, health_checks
from components.edge.balancer.certificate import aliases, issued, unusable
from components.edge.balancer.firewall import FirewallArgs, firewall
from components.edge.balancer.listeners import https, listening, redirect, tls
from components.edge.balancer.naming import Names, Role
from components.edge.balancer.rules import plan, rule
from components.edge.balancer.security_group import (
    SecurityGroup,
    SecurityGroupArgs,
    security_group,
)
from components.edge.balancer.settings import BalancerSettings
from components.edge.balancer.target_group import protocol, target_group


@dataclass(frozen=True, kw_only=True)
class LoadBalancerArgs:
    """What a load balancer is made from."""

    settings: BalancerSettings
    account: Account
    physical_name: str
    """What the names of its resources in the account start with."""
    vpc_id: pulumi.Input[str]
    public_subnets: Sequence[pulumi.Input[str]]
    private_subnets: Sequence[pulumi.Input[str]]
    subnet_cidrs: Sequence[pulumi.Input[str]]
    """Networks its own addresses are in: those of its subnets, or of the whole VPC."""
    cluster_security_group: pulumi.Input[str]
    backend: Backend
    protect: bool
    key_arn: pulumi.Input[str]
    """Encrypts the firewall's log."""
    controller: pulumi.Resource
    """AWS Load Balancer Controller. What it looks after goes before it does."""


def misfits(
    settings: BalancerSettings, account: Account, *, idle_seconds: int, canary: bool
) -> Iterator[str]:
    """Where settings, account and gateway, each valid, do not fit together.

    `idle_seconds` is after how long a pod closes an idle connection, `canary` whether there is a
    second release of the gateway.
    """
    if settings.certificate is not None:
        yield from unusable(settings.certificate, account)
    if settings.type == "application" and settings.idle_timeout_seconds >= idle_seconds:
        yield (
            f"idle_timeout_seconds is {settings.idle_timeout_seconds} and the gateway's pods close "
            f"an idle connection after {idle_seconds} s, so the balancer would send on "
            f"connections that just closed (answers 502): set it to {idle_seconds - 1} or "
            "less"
        )
    if settings.canary and not canary:
        yield (
            "rules have weights and the gateway has no second release to share requests with: give "
            "the Backend the Service of one (canary), or take the weights out"
        )


class LoadBalancer(pulumi.ComponentResource):
    """Takes the clients' connections and hands them to the gateway's pods."""

    arn: pulumi.Output[str]
    """ARN."""
    dns_name: pulumi.Output[str]
    """Name that AWS gives it. Domains outside the stack's zone need a record that leads here."""
    zone_id: pulumi.Output[str]
    """Hosted zone of `dns_name`, for alias records."""
    target_group_arn: pulumi.Output[str]
    """Of the stable release."""
    security_group: pulumi.Output[str]
    """Id of its security group."""

    def __init__(
        self, name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        found = list(
            misfits(
                args.settings,
                args.account,
                idle_seconds=args.backend.idle_seconds,
                canary=args.backend.canary is not None,
            )
        )
        if found:
            raise ValueError("; ".join(found))
        super().__init__("agents:edge:LoadBalancer", name, None, opts)
        self._prefix, self._args, self._names = name, args, Names(args.physical_name)
        self._child = pulumi.ResourceOptions(parent=self)
        group = security_group(
            f"{name}-group",
            SecurityGroupArgs(
                name=self._names.security_group,
                vpc_id=args.vpc_id,
                cluster=args.cluster_security_group,
                allowed_cidrs=args.settings.allowed_cidrs,
                listening=listening(args.settings.type),
                targets=args.backend.ports,
            ),
            self._child,
        )
        balancer = self._balancer(group)
        targets = self._targets()
        listener = self._listen(balancer, {role: each.arn for role, each in targets.items()})
        self._bind(targets, group, listener)
        self._publish(balancer)
        self.arn = balancer.arn
        self.dns_name = balancer.dns_name
        self.zone_id = balancer.zone_id
        self.target_group_arn = targets["stable"].arn
        self.security_group = group.id
        self.register_outputs(
            {
                "arn": self.arn,
                "dns_name": self.dns_name,
                "zone_id": self.zone_id,
                "target_group_arn": self.target_group_arn,
                "security_group": self.security_group,
            }
        )

    def _after(self, *others: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=list(others))

    def _logs(self) -> AccessLogs:
        settings = self._args.settings
        return access_logs(
            f"{self._prefix}-access-logs",
            AccessLogsArgs(
                bucket=self._names.access_logs(self._args.account),
                account=self._args.account,
                kind=settings.type,
                balancer=self._names.balancer(settings.type, settings.scheme),
                days=settings.access_log_days,
                protect=self._args.protect,
            ),
            self._child,
        )

    def _balancer(self, group: SecurityGroup) -> lb.LoadBalancer:
        args, settings, logs = self._args, self._args.settings, self._logs()
        application = settings.type == "application"
        internal = settings.scheme == "internal"
        return lb.LoadBalancer(
            f"{self._prefix}-balancer",
            name=self._names.balancer(settings.type, settings.scheme),
            load_balancer_type=settings.type,
            internal=internal,
            ip_address_type="dualstack" if settings.dualstack else "ipv4",
            subnets=list(args.private_subnets if internal else args.public_subnets),
            security_groups=[group.id],
            enable_deletion_protection=args.protect,
            access_logs=lb.LoadBalancerAccessLogsArgs(bucket=logs.bucket, enabled=True),
            # Pods are not spread evenly over the zones, so a zone's share may be too much for its own.
            enable_cross_zone_load_balancing=True,
            enable_http2=True if application else None,
            idle_timeout=settings.idle_timeout_seconds if application else None,
            # Two servers that read one request differently let a second one be smuggled in.
            desync_mitigation_mode="strictest" if application else None,
            drop_invalid_header_fields=True if application else None,
            # The gateway routes by the host that the client asked for.
            preserve_host_header=True if application else None,
            xff_header_processing_mode="append" if application else None,
            # Without the firewall's verdict a request is refused, not let through.
            enable_waf_fail_open=False if application else None,
            opts=self._after(*logs.ready),
        )

    def _targets(self) -> dict[Role, lb.TargetGroup]:
        args, kind = self._args, self._args.settings.type
        roles: tuple[Role, ...] = ("stable", "canary") if args.settings.canary else ("stable",)
        return {
            role: target_group(
                f"{self._prefix}-{role}",
                kind=kind,
                physical=self._names.target_group(role, protocol(kind), args.backend.port),
                backend=args.backend,
                vpc_id=args.vpc_id,
                opts=self._child,
            )
            for role in roles
        }

    def _listen(
        self, balancer: lb.LoadBalancer, targets: Mapping[Role, pulumi.Output[str]]
    ) -> pulumi.Resource:
        name, settings = self._prefix, self._args.settings
        certificate = self._certificate()
        if settings.type == "network":
            return tls(
                f"{name}-tls",
                balancer=balancer.arn,
                certificate=certificate,
                target=targets["stable"],
                opts=self._child,
            )
        redirect(f"{name}-redirect", balancer=balancer.arn, opts=self._child)
        listener = https(
            f"{name}-https",
            balancer=balancer.arn,
            certificate=certificate,
            target=None if settings.domains else targets["stable"],
            # No request gets past before the firewall stands.
            opts=self._after(*self._firewall(balancer)),
        )
        for planned in plan(settings.rules, settings.domains):
            rule(
                f"{name}-rule-{planned.priority}",
                planned,
                listener=listener.arn,
                targets=targets,
                opts=self._child,
            )
        return listener

    def _certificate(self) -> pulumi.Output[str]:
        settings = self._args.settings
        if settings.certificate is not None:
            return pulumi.Output.from_input(settings.certificate)
        if settings.zone is None:
            raise ValueError("there is neither a certificate nor a zone: settings let this through")
        return issued(self._prefix, settings.domains, settings.zone, self._child)

    def _firewall(self, balancer: lb.LoadBalancer) -> list[pulumi.Resource]:
        args = self._args
        if args.settings.firewall is None:
            return []
        return [
            firewall(
                f"{self._prefix}-firewall",
                FirewallArgs(
                    settings=args.settings.firewall,
                    account=args.account,
                    names=self._names,
                    balancer=balancer.arn,
                    key_arn=args.key_arn,
                ),
                self._child,
            )
        ]

    def _bind(
        self,
        targets: Mapping[Role, lb.TargetGroup],
        group: SecurityGroup,
        listener: pulumi.Resource,
    ) -> None:
        args, backend = self._args, self._args.backend
        admitted = health_checks(
            f"{self._prefix}-health-checks", backend, args.subnet_cidrs, self._child
        )
        for role, each in targets.items():
            service = backend.canary if role == "canary" else backend.service
            # AWS checks no target of a group that no listener uses, and pods wait for its verdict.
            binding(
                f"{self._prefix}-{role}-binding",
                BindingArgs(
                    backend=backend,
                    service=backend.service if service is None else service,
                    target_group=each.arn,
                    vpc_id=args.vpc_id,
                ),
                self._names.target_group(role, protocol(args.settings.type), backend.port),
                self._after(args.controller, listener, admitted, *group.rules),
            )

    def _publish(self, balancer: lb.LoadBalancer) -> None:
        settings = self._args.settings
        if settings.zone is None:
            return
        aliases(
            f"{self._prefix}-alias",
            settings.domains,
            settings.zone,
            types=("A", "AAAA") if settings.dualstack else ("A",),
            target=route53.RecordAliasArgs(
                name=balancer.dns_name, zone_id=balancer.zone_id, evaluate_target_health=True
            ),
            opts=self._child,
        )
