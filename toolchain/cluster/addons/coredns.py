"""CoreDNS: the cluster's names, and the host's name servers for the rest."""

from toolchain.cluster.addons import objects
from toolchain.cluster.addons.objects import SYSTEM
from toolchain.cluster.api import Manifest
from toolchain.cluster.settings import Settings

NAME = "coredns"
PORT = 53
"""The pod's own port: a NetworkPolicy that allows names says 53, and is judged behind the service."""


def corefile(settings: Settings, *, upstream: bool) -> str:
    """CoreDNS's configuration; without name servers of the host, only the cluster's names."""
    forward = "    forward . /etc/resolv.conf {\n        max_concurrent 1000\n    }\n"
    return f"""\
.:{PORT} {{
    errors
    health {{
        lameduck 2s
    }}
    ready
    kubernetes {settings.domain} in-addr.arpa ip6.arpa {{
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }}
    prometheus :9153
{forward if upstream else ""}    cache 30
    loop
    reload
    loadbalance
}}
"""


def manifests(settings: Settings, image: str, *, upstream: bool) -> list[Manifest]:
    """Everything CoreDNS needs in the cluster."""
    configuration = corefile(settings, upstream=upstream)
    ports = [
        {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": "dns"},
        {"name": "dns-tcp", "port": 53, "protocol": "TCP", "targetPort": "dns-tcp"},
        {"name": "metrics", "port": 9153, "protocol": "TCP", "targetPort": "metrics"},
    ]
    # The name and label that every tool and every network policy knows the service by.
    known = {"k8s-app": "kube-dns", "kubernetes.io/name": "CoreDNS"}
    service: Manifest = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "kube-dns",
            "namespace": SYSTEM,
            "labels": objects.labels(NAME) | known,
        },
        "spec": {
            "clusterIP": settings.dns_ip,
            "selector": objects.labels(NAME),
            "ports": ports,
        },
    }
    rules = [
        objects.rule([""], ["endpoints", "services", "pods", "namespaces"], ["list", "watch"]),
        objects.rule(["discovery.k8s.io"], ["endpointslices"], ["list", "watch"]),
    ]
    subject = objects.account_subject(NAME)
    return [
        objects.service_account(NAME),
        objects.cluster_role(NAME, rules),
        objects.cluster_role_binding(NAME, NAME, subject),
        objects.config_map(NAME, {"Corefile": configuration}),
        _deployment(image),
        service,
    ]


def _deployment(image: str) -> Manifest:
    container = {
        "name": NAME,
        "image": image,
        "args": ["-conf", "/etc/coredns/Corefile"],
        "ports": [
            {"name": "dns", "containerPort": PORT, "protocol": "UDP"},
            {"name": "dns-tcp", "containerPort": PORT, "protocol": "TCP"},
            {"name": "metrics", "containerPort": 9153, "protocol": "TCP"},
        ],
        "resources": {"requests": {"cpu": "20m", "memory": "32Mi"}, "limits": {"memory": "170Mi"}},
        "livenessProbe": {**objects.http_probe("/health", 8080, period=10), "failureThreshold": 5},
        "readinessProbe": objects.http_probe("/ready", 8181, period=1),
        "volumeMounts": [{"name": "config", "mountPath": "/etc/coredns", "readOnly": True}],
    }
    volumes = [{"name": "config", "configMap": {"name": NAME}}]
    made = objects.deployment(
        NAME,
        container,
        volumes=volumes,
        # Its own resolv.conf must be the host's, or it would ask itself.
        dns_policy="Default",
        # The reload plugin takes up a changed Corefile by itself.
        checksum="reloads",
    )
    made["spec"]["template"]["metadata"]["labels"]["k8s-app"] = "kube-dns"
    # Port 53 without a privilege: one of the sysctls that the restricted standard calls safe.
    made["spec"]["template"]["spec"]["securityContext"] = {
        "sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]
    }
    return made
