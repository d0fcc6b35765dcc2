"""What every pod of the platform has in common, so that Pod Security *restricted* takes it.

Source: Kubernetes Pod Security Standards, profile restricted. The read-only root filesystem is
not part of that profile; CIS and the policy pack ask for it.
"""

from typing import Final

from pulumi_kubernetes.core.v1 import (
    CapabilitiesArgs,
    EmptyDirVolumeSourceArgs,
    PodSecurityContextArgs,
    ResourceRequirementsArgs,
    SeccompProfileArgs,
    SecurityContextArgs,
    VolumeArgs,
    VolumeMountArgs,
)

from components.settings import Bytes, Cpu, Settings

UID: Final = 1001
"""User and group of every image this project builds."""


class Compute(Settings):
    """What one container asks for and may use at most."""

    cpu: Cpu
    memory: Bytes
    cpu_limit: Cpu
    memory_limit: Bytes

    def requirements(self) -> ResourceRequirementsArgs:
        """The same as Kubernetes writes it."""
        return ResourceRequirementsArgs(
            requests={"cpu": self.cpu, "memory": self.memory},
            limits={"cpu": self.cpu_limit, "memory": self.memory_limit},
        )


def pod_security(uid: int = UID) -> PodSecurityContextArgs:
    """Non-root, group-readable volumes, the runtime's own system-call filter."""
    return PodSecurityContextArgs(
        run_as_non_root=True,
        run_as_user=uid,
        run_as_group=uid,
        fs_group=uid,
        fs_group_change_policy="OnRootMismatch",
        seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"),
    )


def container_security() -> SecurityContextArgs:
    """No capability, no way to gain one, nothing to write to but mounted volumes."""
    return SecurityContextArgs(
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        run_as_non_root=True,
        capabilities=CapabilitiesArgs(drop=["ALL"]),
        seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"),
    )


def scratch(size: Bytes = "64Mi") -> tuple[VolumeArgs, VolumeMountArgs]:
    """The one writable place of a read-only container: `/tmp`, `size` at most."""
    return (
        VolumeArgs(name="tmp", empty_dir=EmptyDirVolumeSourceArgs(size_limit=size)),
        VolumeMountArgs(name="tmp", mount_path="/tmp"),  # noqa: S108 (a path inside the container)
    )
