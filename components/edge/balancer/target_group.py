"""Target groups: pods by their addresses, how they are checked and how they leave."""

from __future__ import annotations

import pulumi
from pulumi_aws import lb

from components.edge.balancer.backend import Backend
from components.edge.balancer.drain import Kind, deregistration_delay

# Two checks in a row decide; a pod gets requests 10 s after it is ready.
CHECK_SECONDS = 5
CHECK_TIMEOUT_SECONDS = 3
CHECKS = 2


def protocol(kind: Kind) -> str:
    """How the balancer speaks to a pod. TLS ends at the balancer."""
    return "HTTP" if kind == "application" else "TCP"


def target_group(
    name: str,
    *,
    kind: Kind,
    physical: str,
    backend: Backend,
    vpc_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> lb.TargetGroup:
    """A group that AWS Load Balancer Controller fills with the pods of a Service."""
    application = kind == "application"
    return lb.TargetGroup(
        name,
        name=physical,
        target_type="ip",
        ip_address_type="ipv4",
        vpc_id=vpc_id,
        port=backend.port,
        protocol=protocol(kind),
        protocol_version="HTTP1" if application else None,
        health_check=_health_check(backend),
        deregistration_delay=deregistration_delay(
            kind,
            pre_stop_seconds=backend.pre_stop_seconds,
            drain_seconds=backend.drain_seconds,
        ),
        stickiness=lb.TargetGroupStickinessArgs(
            enabled=False, type="lb_cookie" if application else "source_ip"
        ),
        # A request to an agent takes a second or a minute: turns would heap the long ones on one
        # pod. AWS takes no slow start beside it, and a proxy has nothing to warm up.
        load_balancing_algorithm_type="least_outstanding_requests" if application else None,
        slow_start=0 if application else None,
        # The pod sees the client's address as that of the connection.
        preserve_client_ip=None if application else "true",
        # Or packets go on to an address that may have become another pod's.
        connection_termination=None if application else True,
        # Its name differs by what replaces it: the new one can be there before the old one goes.
        opts=pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(delete_before_replace=False)
        ),
    )


def _health_check(backend: Backend) -> lb.TargetGroupHealthCheckArgs:
    return lb.TargetGroupHealthCheckArgs(
        enabled=True,
        protocol="HTTP",
        port=str(backend.health_port),
        path=backend.health_path,
        matcher="200",
        interval=CHECK_SECONDS,
        timeout=CHECK_TIMEOUT_SECONDS,
        healthy_threshold=CHECKS,
        unhealthy_threshold=CHECKS,
    )
