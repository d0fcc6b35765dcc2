"""What the balancer listens to: TLS on 443, and on 80 only the way there."""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_aws import lb

from components.edge.balancer.drain import Kind

HTTPS: Final = 443
HTTP: Final = 80
# TLS 1.3 and 1.2, forward secrecy and authenticated ciphers only, with hybrid post-quantum key
# exchange for clients that know it. AWS recommends it and its console chooses it.
TLS_POLICY: Final = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
HSTS: Final = "max-age=31536000"


def listening(kind: Kind) -> tuple[int, ...]:
    """Ports that are open. A network load balancer cannot redirect, so it leaves 80 closed."""
    return (HTTPS, HTTP) if kind == "application" else (HTTPS,)


def https(
    name: str,
    *,
    balancer: pulumi.Input[str],
    certificate: pulumi.Input[str],
    target: pulumi.Input[str] | None,
    opts: pulumi.ResourceOptions,
) -> lb.Listener:
    """Requests by TLS. What no rule takes goes to `target`, or is answered 404 without one."""
    nobody = lb.ListenerDefaultActionFixedResponseArgs(
        content_type="text/plain", message_body="No such host.\n", status_code="404"
    )
    return lb.Listener(
        name,
        load_balancer_arn=balancer,
        port=HTTPS,
        protocol="HTTPS",
        ssl_policy=TLS_POLICY,
        certificate_arn=certificate,
        default_actions=[
            lb.ListenerDefaultActionArgs(type="fixed-response", fixed_response=nobody)
            if target is None
            else lb.ListenerDefaultActionArgs(type="forward", target_group_arn=target)
        ],
        routing_http_response_strict_transport_security_header_value=HSTS,
        routing_http_response_server_enabled=False,
        opts=opts,
    )


def redirect(
    name: str, *, balancer: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> lb.Listener:
    """Requests without TLS are told once and for all to come back with it."""
    return lb.Listener(
        name,
        load_balancer_arn=balancer,
        port=HTTP,
        protocol="HTTP",
        default_actions=[
            lb.ListenerDefaultActionArgs(
                type="redirect",
                redirect=lb.ListenerDefaultActionRedirectArgs(
                    protocol="HTTPS", port=str(HTTPS), status_code="HTTP_301"
                ),
            )
        ],
        opts=opts,
    )


def tls(
    name: str,
    *,
    balancer: pulumi.Input[str],
    certificate: pulumi.Input[str],
    target: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> lb.Listener:
    """Connections by TLS, passed on to `target` without it."""
    return lb.Listener(
        name,
        load_balancer_arn=balancer,
        port=HTTPS,
        protocol="TLS",
        ssl_policy=TLS_POLICY,
        # Traefik takes HTTP/2 without TLS from whoever starts with it.
        alpn_policy="HTTP2Preferred",
        certificate_arn=certificate,
        default_actions=[lb.ListenerDefaultActionArgs(type="forward", target_group_arn=target)],
        opts=opts,
    )
