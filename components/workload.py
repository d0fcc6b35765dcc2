"""What the workloads of the platform share beyond their security: volumes, probes, placement, budget."""

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes.core.v1 import (
    ConfigMapProjectionArgs,
    ConfigMapVolumeSourceArgs,
    DownwardAPIProjectionArgs,
    DownwardAPIVolumeFileArgs,
    ExecActionArgs,
    HTTPGetActionArgs,
    KeyToPathArgs,
    ObjectFieldSelectorArgs,
    ProbeArgs,
    ProjectedVolumeSourceArgs,
    SecretVolumeSourceArgs,
    ServiceAccount,
    ServiceAccountTokenProjectionArgs,
    TopologySpreadConstraintArgs,
    VolumeArgs,
    VolumeMountArgs,
    VolumeProjectionArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.policy.v1 import PodDisruptionBudget, PodDisruptionBudgetSpecArgs

API_ACCESS = "/var/run/secrets/kubernetes.io/serviceaccount"
"""Where clients of the Kubernetes API look for a pod's token, the server's authority and the namespace."""
TOKEN_SECONDS = 3600
"""The kubelet renews it when four fifths are over."""
# 0440: the owner is root, the pod's group reads.
GROUP_READABLE = 0o440


def secret_files(
    volume: str, secret: pulumi.Input[str], path: str
) -> tuple[VolumeArgs, VolumeMountArgs]:
    """The keys of a Secret as files below `path`, readable by the pod's group only."""
    return (
        VolumeArgs(
            name=volume,
            secret=SecretVolumeSourceArgs(secret_name=secret, default_mode=GROUP_READABLE),
        ),
        VolumeMountArgs(name=volume, mount_path=path, read_only=True),
    )


def config_files(
    volume: str, config_map: pulumi.Input[str], path: str
) -> tuple[VolumeArgs, VolumeMountArgs]:
    """The keys of a ConfigMap as files below `path`."""
    return (
        VolumeArgs(name=volume, config_map=ConfigMapVolumeSourceArgs(name=config_map)),
        VolumeMountArgs(name=volume, mount_path=path, read_only=True),
    )


def api_token() -> tuple[VolumeArgs, VolumeMountArgs]:
    """What a client of the Kubernetes API looks for, with a token that ends within the hour.

    Asked for by the one pod that needs it, where mounting by default would give it to all of an account's.
    """
    return (
        VolumeArgs(
            name="kubernetes-api",
            projected=ProjectedVolumeSourceArgs(
                default_mode=GROUP_READABLE,
                sources=[
                    VolumeProjectionArgs(
                        service_account_token=ServiceAccountTokenProjectionArgs(
                            path="token", expiration_seconds=TOKEN_SECONDS
                        )
                    ),
                    VolumeProjectionArgs(
                        config_map=ConfigMapProjectionArgs(
                            name="kube-root-ca.crt",
                            items=[KeyToPathArgs(key="ca.crt", path="ca.crt")],
                        )
                    ),
                    VolumeProjectionArgs(
                        downward_api=DownwardAPIProjectionArgs(
                            items=[
                                DownwardAPIVolumeFileArgs(
                                    path="namespace",
                                    field_ref=ObjectFieldSelectorArgs(
                                        field_path="metadata.namespace"
                                    ),
                                )
                            ]
                        )
                    ),
                ],
            ),
        ),
        VolumeMountArgs(name="kubernetes-api", mount_path=API_ACCESS, read_only=True),
    )


def http_probe(path: str, port: str, *, period: int, failures: int, timeout: int = 3) -> ProbeArgs:
    """Healthy while GET `path` answers 2xx or 3xx within `timeout` seconds."""
    return ProbeArgs(
        http_get=HTTPGetActionArgs(path=path, port=port),
        period_seconds=period,
        failure_threshold=failures,
        timeout_seconds=timeout,
    )


def exec_probe(*command: str, period: int, failures: int, timeout: int = 5) -> ProbeArgs:
    """Healthy while `command` exits 0 within `timeout` seconds."""
    return ProbeArgs(
        exec_=ExecActionArgs(command=list(command)),
        period_seconds=period,
        failure_threshold=failures,
        timeout_seconds=timeout,
    )


def spread(selector: Mapping[str, str]) -> list[TopologySpreadConstraintArgs]:
    """Over zones, then over nodes, as evenly as the cluster allows, never at the price of not running."""
    return [
        TopologySpreadConstraintArgs(
            max_skew=1,
            topology_key=key,
            when_unsatisfiable="ScheduleAnyway",
            label_selector=LabelSelectorArgs(match_labels=dict(selector)),
        )
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]


def account(name: str, metadata: ObjectMetaArgs, opts: pulumi.ResourceOptions) -> ServiceAccount:
    """An identity of the workload's own, without a token for the Kubernetes API."""
    return ServiceAccount(name, metadata=metadata, automount_service_account_token=False, opts=opts)


def disruption_budget(
    name: str,
    *,
    metadata: ObjectMetaArgs,
    selector: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> PodDisruptionBudget:
    """One pod at a time may be evicted; one that is not healthy anyway never blocks a node's drain."""
    return PodDisruptionBudget(
        name,
        metadata=metadata,
        spec=PodDisruptionBudgetSpecArgs(
            max_unavailable=1,
            unhealthy_pod_eviction_policy="AlwaysAllow",
            selector=LabelSelectorArgs(match_labels=dict(selector)),
        ),
        opts=opts,
    )
