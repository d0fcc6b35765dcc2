"""Pod Security Standard *restricted*, one rule for each control, and two things it leaves out.

The read-only root filesystem and the service account's token are no part of the standard; CIS asks
for the second, and the first keeps whoever gets in from leaving anything behind.
"""

from collections.abc import Iterator
from typing import Final

from policies.pod_baseline import CAPABILITIES
from policies.pods import Container, Pod, SecurityContext, containers, pods, security_contexts
from policies.resource import Resource, at, items, mapping
from policies.rule import Severity, cis, of, restricted, rule

_VOLUMES: Final = (
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
)
_SECCOMP: Final = ("RuntimeDefault", "Localhost")
_ONLY_CAPABILITY: Final = "NET_BIND_SERVICE"


@rule(
    pods,
    severity=Severity.HIGH,
    remedy=f"use one of {', '.join(_VOLUMES)}.",
    reference=restricted("Volume Types"),
    everywhere=True,
)
def forbid_unlisted_volume_types(pod: Pod) -> Iterator[str]:
    """Volumes are of the kinds that give a pod nothing of its node or of another machine."""
    for entry in items(pod.spec.get("volumes")):
        volume = mapping(entry)
        # A hostPath is what `forbid-host-path` complains of.
        kinds = sorted(key for key in volume if key not in ("name", "hostPath", *_VOLUMES))
        if kinds:
            yield f"volume {volume.get('name')} is of the type {kinds[0]}"


@rule(
    containers,
    severity=Severity.HIGH,
    remedy="set securityContext.allowPrivilegeEscalation to false.",
    reference=restricted("Privilege Escalation"),
    everywhere=True,
)
def forbid_privilege_escalation(container: Container) -> Iterator[str]:
    """No process of a container can gain more privileges than it was started with."""
    allowed = container.security.get("allowPrivilegeEscalation")
    if allowed is not False:
        yield f"securityContext.allowPrivilegeEscalation is {_shown(allowed)}"


@rule(
    containers,
    severity=Severity.HIGH,
    remedy="set securityContext.runAsNonRoot to true, for the pod or for the container.",
    reference=restricted("Running as Non-root"),
    everywhere=True,
)
def require_non_root(container: Container) -> Iterator[str]:
    """The kubelet refuses a container that would start as root."""
    own = container.security.get("runAsNonRoot")
    effective = container.pod.security.get("runAsNonRoot") if own is None else own
    if effective is not True:
        yield f"securityContext.runAsNonRoot is {_shown(effective)}"


@rule(
    security_contexts,
    severity=Severity.HIGH,
    remedy="set runAsUser to the image's own user, such as 1001, or leave it out.",
    reference=restricted("Running as Non-root user"),
    everywhere=True,
)
def forbid_root_user(context: SecurityContext) -> Iterator[str]:
    """Nothing runs as user 0."""
    if context.props.get("runAsUser") == 0:
        yield "securityContext.runAsUser is 0"


@rule(
    containers,
    severity=Severity.HIGH,
    remedy="set securityContext.seccompProfile.type to RuntimeDefault, for the pod or for the "
    "container.",
    reference=restricted("Seccomp"),
    everywhere=True,
)
def require_seccomp_profile(container: Container) -> Iterator[str]:
    """System calls pass a filter that is named, not one that the node may happen to set."""
    own = container.security.get("seccompProfile")
    profile = container.pod.security.get("seccompProfile") if own is None else own
    kind = mapping(profile).get("type")
    # "Unconfined" is what `forbid-unconfined-seccomp` complains of.
    if kind not in (*_SECCOMP, "Unconfined"):
        yield f"securityContext.seccompProfile.type is {_shown(kind)}"


@rule(
    containers,
    severity=Severity.HIGH,
    remedy='set securityContext.capabilities.drop to ["ALL"].',
    reference=restricted("Capabilities"),
    everywhere=True,
)
def require_dropped_capabilities(container: Container) -> Iterator[str]:
    """Containers give up every capability."""
    if "ALL" not in items(at(container.security, "capabilities", "drop")):
        yield "securityContext.capabilities.drop lacks ALL"


@rule(
    containers,
    severity=Severity.HIGH,
    remedy=f"remove it from securityContext.capabilities.add; only {_ONLY_CAPABILITY} may stand "
    "there.",
    reference=restricted("Capabilities"),
    everywhere=True,
)
def forbid_added_capabilities(container: Container) -> Iterator[str]:
    """The one capability that a container may take back is to bind a low port."""
    for capability in items(at(container.security, "capabilities", "add")):
        # Those beyond the default set are what `forbid-dangerous-capabilities` complains of.
        if capability in CAPABILITIES and capability != _ONLY_CAPABILITY:
            yield f"capability {capability} is added"


@rule(
    containers,
    severity=Severity.MEDIUM,
    remedy="set securityContext.readOnlyRootFilesystem to true and mount an emptyDir where the "
    "program writes.",
    everywhere=True,
)
def require_read_only_root(container: Container) -> Iterator[str]:
    """Containers cannot change their own files."""
    setting = container.security.get("readOnlyRootFilesystem")
    if setting is not True:
        yield f"securityContext.readOnlyRootFilesystem is {_shown(setting)}"


@rule(
    pods,
    severity=Severity.HIGH,
    remedy="set automountServiceAccountToken to false in the pod's spec.",
    reference=cis("4.1.6 Service account tokens only where necessary"),
    everywhere=True,
)
def forbid_mounted_token(pod: Pod) -> Iterator[str]:
    """Pods hold no token for the Kubernetes API."""
    setting = pod.spec.get("automountServiceAccountToken")
    if setting is not False:
        yield f"automountServiceAccountToken is {_shown(setting)}"


@rule(
    of("core/ServiceAccount"),
    severity=Severity.MEDIUM,
    remedy="set automountServiceAccountToken to false; a pod that needs the token asks for it.",
    reference=cis("4.1.6 Service account tokens only where necessary"),
    everywhere=True,
)
def forbid_mounting_account(account: Resource) -> Iterator[str]:
    """Service accounts hand their token to no pod that does not ask for it."""
    setting = account.props.get("automountServiceAccountToken")
    if setting is not False:
        yield f"automountServiceAccountToken is {_shown(setting)}"


def _shown(value: object) -> str:
    return "not set" if value is None else str(value).lower()


RULES: Final = (
    forbid_unlisted_volume_types,
    forbid_privilege_escalation,
    require_non_root,
    forbid_root_user,
    require_seccomp_profile,
    require_dropped_capabilities,
    forbid_added_capabilities,
    require_read_only_root,
    forbid_mounted_token,
    forbid_mounting_account,
)
