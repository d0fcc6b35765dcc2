"""metrics-server: what the autoscaler and `kubectl top` read, with verified certificates both ways."""

import base64
import hashlib
from pathlib import Path
from typing import Any

from toolchain.cluster.addons import objects
from toolchain.cluster.addons.objects import SYSTEM
from toolchain.cluster.api import Manifest

NAME = "metrics-server"
SECRET = "metrics-server-certificate"  # noqa: S105 - the name of a secret
TRUST = "metrics-server-trust"
PORT = 10250


def manifests(image: str, pki: Path, *, kubelets_signed: bool = True) -> list[Manifest]:
    """Everything metrics-server needs in the cluster.

    `kubelets_signed`: the authority in `pki` signed the kubelets' certificates, so they are verified.
    """
    authority = (pki / "ca.crt").read_bytes()
    certificate = (pki / f"{NAME}.crt").read_bytes()
    secret: Manifest = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/tls",
        "metadata": objects.metadata(SECRET, SYSTEM),
        "data": {
            "tls.crt": base64.b64encode(certificate).decode(),
            "tls.key": base64.b64encode((pki / f"{NAME}.key").read_bytes()).decode(),
        },
    }
    service: Manifest = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": objects.metadata(NAME, SYSTEM),
        "spec": {
            "selector": objects.labels(NAME),
            "ports": [{"name": "https", "port": 443, "targetPort": "https"}],
        },
    }
    checksum = hashlib.sha256(certificate + authority).hexdigest()[:16]
    return [
        objects.service_account(NAME),
        *_access(),
        secret,
        objects.config_map(TRUST, {"ca.crt": authority.decode()}),
        _deployment(image, checksum, kubelets_signed=kubelets_signed),
        service,
        _api_service(base64.b64encode(authority).decode()),
    ]


def _access() -> list[Manifest]:
    subject = objects.account_subject(NAME)
    rules = [
        objects.rule([""], ["nodes/metrics"], ["get"]),
        objects.rule([""], ["pods", "nodes"], ["get", "list", "watch"]),
    ]
    reader = objects.cluster_role(
        "system:aggregated-metrics-reader",
        [objects.rule(["metrics.k8s.io"], ["pods", "nodes"], ["get", "list", "watch"])],
    )
    aggregated = {
        f"rbac.authorization.k8s.io/aggregate-to-{role}": "true"
        for role in ("view", "edit", "admin")
    }
    reader["metadata"]["labels"].update(aggregated)
    return [
        reader,
        objects.cluster_role(f"system:{NAME}", rules),
        objects.cluster_role_binding(f"system:{NAME}", f"system:{NAME}", subject),
        objects.cluster_role_binding(f"{NAME}:auth-delegator", "system:auth-delegator", subject),
        objects.role_binding(
            f"{NAME}-auth-reader", SYSTEM, "extension-apiserver-authentication-reader", subject
        ),
    ]


def _deployment(image: str, checksum: str, *, kubelets_signed: bool) -> Manifest:
    trust = (
        "--kubelet-certificate-authority=/run/trust/ca.crt"
        if kubelets_signed
        else "--kubelet-insecure-tls"
    )
    container = {
        "name": NAME,
        "image": image,
        "args": [
            f"--secure-port={PORT}",
            "--tls-cert-file=/run/certificate/tls.crt",
            "--tls-private-key-file=/run/certificate/tls.key",
            trust,
            "--kubelet-preferred-address-types=InternalIP",
            "--kubelet-use-node-status-port",
            "--metric-resolution=10s",
            "--kubelet-request-timeout=5s",
        ],
        "ports": [{"name": "https", "containerPort": PORT}],
        "resources": {"requests": {"cpu": "20m", "memory": "48Mi"}, "limits": {"memory": "200Mi"}},
        "livenessProbe": objects.http_probe("/livez", "https", scheme="HTTPS", period=10),
        "readinessProbe": objects.http_probe("/readyz", "https", scheme="HTTPS", period=5),
        "volumeMounts": [
            {"name": "certificate", "mountPath": "/run/certificate", "readOnly": True},
            {"name": "trust", "mountPath": "/run/trust", "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - inside the pod
        ],
    }
    volumes: list[dict[str, Any]] = [
        {"name": "certificate", "secret": {"secretName": SECRET}},
        {"name": "trust", "configMap": {"name": TRUST}},
        {"name": "tmp", "emptyDir": {}},
    ]
    return objects.deployment(NAME, container, volumes=volumes, checksum=checksum)


def _api_service(authority: str) -> Manifest:
    return {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": objects.metadata("v1beta1.metrics.k8s.io"),
        "spec": {
            "group": "metrics.k8s.io",
            "version": "v1beta1",
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "caBundle": authority,
            "service": {"name": NAME, "namespace": SYSTEM},
        },
    }
