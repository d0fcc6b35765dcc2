"""Small valid settings and wires that tests build a load balancer from."""

from dataclasses import replace
from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import ServiceAccount
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.account import Account
from components.edge.balancer import Backend, BalancerSettings, LoadBalancer, LoadBalancerArgs
from components.edge.proxy import DRAIN_SECONDS, INTERNAL, NAME, PODS, WEB
from components.labels import labels

ACCOUNT = Account(id="123456789012", region="eu-central-1")
CERTIFICATE = (
    "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-0123456789ab"
)
DOMAINS = ("agents.example.com", "api.example.com")
ZONE = {"id": "Z0123456789ABC", "name": "example.com"}


class Controller(pulumi.ComponentResource):
    """Stands for the release of AWS Load Balancer Controller."""

    def __init__(self, name: str) -> None:
        super().__init__("agents:samples:Controller", name)
        metadata = ObjectMetaArgs(namespace="kube-system", labels=labels(name, "controller"))
        account = ServiceAccount(
            f"{name}-account", metadata=metadata, opts=pulumi.ResourceOptions(parent=self)
        )
        self.register_outputs({"account": account.metadata.name})


def settings(**changed: object) -> BalancerSettings:
    """An application balancer, open to everybody, with a certificate that AWS issues."""
    valid: dict[str, Any] = {
        "type": "application",
        "domains": DOMAINS,
        "zone": ZONE,
        "firewall": {},
    }
    return BalancerSettings.model_validate({**valid, **changed}, strict=True)


def network(**changed: object) -> BalancerSettings:
    """A network balancer with the same names."""
    return settings(**{"type": "network", "firewall": None, **changed})


def backend(**changed: object) -> Backend:
    """The gateway's pods, which wait long enough for either type of balancer."""
    valid = Backend(
        namespace="gateway",
        service=NAME,
        service_port="web",
        pods=PODS,
        port=WEB,
        health_port=INTERNAL,
        health_path="/ping",
        pre_stop_seconds=130,
        drain_seconds=DRAIN_SECONDS,
        idle_seconds=180,
    )
    return replace(valid, **changed)


def load_balancer_args(
    chosen: BalancerSettings | None = None, **changed: object
) -> LoadBalancerArgs:
    """Settings and wires of a balancer."""
    valid = LoadBalancerArgs(
        settings=settings() if chosen is None else chosen,
        account=ACCOUNT,
        physical_name="agents-prod",
        vpc_id="vpc-1",
        public_subnets=("subnet-public-a", "subnet-public-b"),
        private_subnets=("subnet-private-a", "subnet-private-b"),
        subnet_cidrs=("10.0.32.0/24", "10.0.96.0/24"),
        cluster_security_group="sg-of-the-cluster",
        backend=backend(),
        protect=True,
        key_arn="arn:aws:kms:eu-central-1:123456789012:key/1",
        controller=Controller("controller"),
    )
    return replace(valid, **changed)


def load_balancer(chosen: BalancerSettings | None = None, **changed: object) -> LoadBalancer:
    """A balancer named `edge`."""
    return LoadBalancer("edge", load_balancer_args(chosen, **changed))
