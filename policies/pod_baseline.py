"""Pod Security Standard *baseline*, one rule for each control, as Kubernetes 1.34 checks them.

A pod that breaks *baseline* breaks *restricted* too. Where both have a control on one field, each
rule complains of its own share of the values, so that one fault is one complaint.
"""

from collections.abc import Iterator
from typing import Final

from policies.pods import Container, Pod, SecurityContext, containers, pods, security_contexts
from policies.resource import at, items, mapping, whole
from policies.rule import Severity, baseline, rule

CAPABILITIES: Final = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)
"""What *baseline* lets a container add."""
_SYSCTLS: Final = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    }
)
_SELINUX_TYPES: Final = (
    "",
    "container_t",
    "container_init_t",
    "container_kvm_t",
    "container_engine_t",
)
_APPARMOR_TYPES: Final = ("RuntimeDefault", "Localhost")
_APPARMOR_ANNOTATION: Final = "container.apparmor.security.beta.kubernetes.io/"
_HOST_NAMESPACES: Final = ("hostNetwork", "hostPID", "hostIPC")
_PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")
_HOOKS: Final = ("postStart", "preStop")
_HANDLERS: Final = ("httpGet", "tcpSocket")


@rule(
    security_contexts,
    severity=Severity.CRITICAL,
    remedy="remove windowsOptions.hostProcess.",
    reference=baseline("HostProcess"),
    everywhere=True,
)
def forbid_host_process(context: SecurityContext) -> Iterator[str]:
    """Windows containers do not run as processes of the host."""
    if at(context.props, "windowsOptions", "hostProcess"):
        yield "windowsOptions.hostProcess is true"


@rule(
    pods,
    severity=Severity.CRITICAL,
    remedy="remove hostNetwork, hostPID and hostIPC; reach other pods through a Service.",
    reference=baseline("Host Namespaces"),
    everywhere=True,
)
def forbid_host_namespaces(pod: Pod) -> Iterator[str]:
    """Pods share neither network, processes nor IPC with their node."""
    for field in _HOST_NAMESPACES:
        if pod.spec.get(field):
            yield f"{field} is true"


@rule(
    containers,
    severity=Severity.CRITICAL,
    remedy="remove securityContext.privileged.",
    reference=baseline("Privileged Containers"),
    everywhere=True,
)
def forbid_privileged_containers(container: Container) -> Iterator[str]:
    """Containers do not run with the powers of the node."""
    if container.security.get("privileged"):
        yield "securityContext.privileged is true"


@rule(
    containers,
    severity=Severity.CRITICAL,
    remedy="remove it from securityContext.capabilities.add.",
    reference=baseline("Capabilities"),
    everywhere=True,
)
def forbid_dangerous_capabilities(container: Container) -> Iterator[str]:
    """Containers add no capability beyond those that a container has by default."""
    for capability in items(at(container.security, "capabilities", "add")):
        if capability not in CAPABILITIES:
            yield f"capability {capability} is added"


@rule(
    pods,
    severity=Severity.CRITICAL,
    remedy="use an emptyDir, a persistent volume claim or a projected volume.",
    reference=baseline("HostPath Volumes"),
    everywhere=True,
)
def forbid_host_path(pod: Pod) -> Iterator[str]:
    """Pods mount no path of their node."""
    for volume in items(pod.spec.get("volumes")):
        if mapping(volume).get("hostPath") is not None:
            yield f"volume {mapping(volume).get('name')} is a hostPath"


@rule(
    containers,
    severity=Severity.HIGH,
    remedy="remove hostPort; expose the port through a Service.",
    reference=baseline("Host Ports"),
    everywhere=True,
)
def forbid_host_ports(container: Container) -> Iterator[str]:
    """Containers take no port of their node."""
    for port in items(container.props.get("ports")):
        if mapping(port).get("hostPort"):
            yield f"port {whole(mapping(port).get('containerPort'))} takes a hostPort"


@rule(
    containers,
    severity=Severity.MEDIUM,
    remedy="remove host: probes and hooks then ask the pod itself.",
    reference=baseline("Host Probes and Lifecycle Hooks"),
    everywhere=True,
)
def forbid_probe_host(container: Container) -> Iterator[str]:
    """Probes and lifecycle hooks ask their own pod, not another address, on behalf of the kubelet."""
    places = [(probe,) for probe in _PROBES] + [("lifecycle", hook) for hook in _HOOKS]
    for place in places:
        for handler in _HANDLERS:
            if at(container.props, *place, handler, "host"):
                yield f"{'.'.join(place)}.{handler}.host is set"


@rule(
    security_contexts,
    severity=Severity.HIGH,
    remedy="set appArmorProfile.type to RuntimeDefault or Localhost, or leave it out.",
    reference=baseline("AppArmor"),
    everywhere=True,
)
def forbid_unconfined_apparmor(context: SecurityContext) -> Iterator[str]:
    """AppArmor stays on where the node has it."""
    profile = context.props.get("appArmorProfile")
    if profile is not None and mapping(profile).get("type") not in _APPARMOR_TYPES:
        yield f"appArmorProfile.type is {mapping(profile).get('type')}"


@rule(
    pods,
    severity=Severity.HIGH,
    remedy="remove the annotation; set securityContext.appArmorProfile.",
    reference=baseline("AppArmor"),
    everywhere=True,
)
def forbid_unconfined_apparmor_annotation(pod: Pod) -> Iterator[str]:
    """AppArmor is not switched off by the annotation that older clusters read."""
    annotations = mapping(pod.metadata.get("annotations"))
    for key in annotations:
        if key.startswith(_APPARMOR_ANNOTATION):
            profile = str(annotations[key] or "")
            if profile not in ("", "runtime/default") and not profile.startswith("localhost/"):
                yield f"annotation {key} is {profile}"


@rule(
    security_contexts,
    severity=Severity.HIGH,
    remedy="remove seLinuxOptions, or set only type, to one that containers have.",
    reference=baseline("SELinux"),
    everywhere=True,
)
def forbid_custom_selinux(context: SecurityContext) -> Iterator[str]:
    """SELinux types are those of containers; users and roles are not chosen."""
    options = mapping(context.props.get("seLinuxOptions"))
    kind = options.get("type") or ""
    if kind not in _SELINUX_TYPES:
        yield f"seLinuxOptions.type is {kind}"
    for field in ("user", "role"):
        if options.get(field):
            yield f"seLinuxOptions.{field} is set"


@rule(
    containers,
    severity=Severity.HIGH,
    remedy="remove procMount.",
    reference=baseline("/proc Mount Type"),
    everywhere=True,
)
def forbid_unmasked_proc(container: Container) -> Iterator[str]:
    """What the runtime hides of /proc stays hidden."""
    kind = container.security.get("procMount")
    if kind not in (None, "Default"):
        yield f"securityContext.procMount is {kind}"


@rule(
    security_contexts,
    severity=Severity.HIGH,
    remedy="set seccompProfile.type to RuntimeDefault.",
    reference=baseline("Seccomp"),
    everywhere=True,
)
def forbid_unconfined_seccomp(context: SecurityContext) -> Iterator[str]:
    """The filter on system calls is never switched off."""
    if at(context.props, "seccompProfile", "type") == "Unconfined":
        yield "seccompProfile.type is Unconfined"


@rule(
    pods,
    severity=Severity.HIGH,
    remedy="remove it from securityContext.sysctls; the node's operator sets kernel parameters.",
    reference=baseline("Sysctls"),
    everywhere=True,
)
def forbid_unsafe_sysctls(pod: Pod) -> Iterator[str]:
    """Pods set no kernel parameter that other pods of the node would feel."""
    for entry in items(pod.security.get("sysctls")):
        name = mapping(entry).get("name")
        if name not in _SYSCTLS:
            yield f"sysctl {name} is set"


RULES: Final = (
    forbid_host_process,
    forbid_host_namespaces,
    forbid_privileged_containers,
    forbid_dangerous_capabilities,
    forbid_host_path,
    forbid_host_ports,
    forbid_probe_host,
    forbid_unconfined_apparmor,
    forbid_unconfined_apparmor_annotation,
    forbid_custom_selinux,
    forbid_unmasked_proc,
    forbid_unconfined_seccomp,
    forbid_unsafe_sysctls,
)
