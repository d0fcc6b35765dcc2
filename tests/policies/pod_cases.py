"""Fixtures of the rules on pod security: each control of the standard, and what goes beyond it."""

from typing import Final

from tests.policies.cases import (
    CONTAINER,
    INIT,
    POD,
    POD_SECURITY,
    SECURITY,
    Case,
    each,
    field_case,
    one,
)
from tests.policies.world import ABSENT, UNKNOWN

BASELINE: Final[dict[str, Case]] = {
    "forbid-host-process": field_case(
        (*SECURITY, "windowsOptions"),
        good=({}, {"hostProcess": False}),
        bad=({"hostProcess": True},),
    ),
    "forbid-host-namespaces": Case(
        each((*POD, "hostNetwork"), False),
        tuple(one((*POD, field), True) for field in ("hostNetwork", "hostPID", "hostIPC")),
        each((*POD, "hostPID"), UNKNOWN),
    ),
    "forbid-privileged-containers": Case(
        each((*SECURITY, "privileged"), False),
        (one((*SECURITY, "privileged"), True), one((*INIT, "securityContext", "privileged"), True)),
        each((*SECURITY, "privileged"), UNKNOWN),
    ),
    "forbid-dangerous-capabilities": field_case(
        (*SECURITY, "capabilities", "add"),
        good=([], ["NET_BIND_SERVICE"]),
        bad=(["SYS_ADMIN"], ["NET_RAW"], ["NET_BIND_SERVICE", "BPF"]),
    ),
    "forbid-host-path": Case(
        each((*POD, "volumes"), [], [{"name": "a", "secret": {"secretName": "a"}}]),
        each((*POD, "volumes"), [{"name": "a", "hostPath": {"path": "/var/run"}}]),
        each((*POD, "volumes"), UNKNOWN, [{"name": "a", "hostPath": UNKNOWN}]),
    ),
    "forbid-host-ports": field_case((*CONTAINER, "ports", 0, "hostPort"), good=(0,), bad=(80,)),
    "forbid-probe-host": Case(
        each((*CONTAINER, "livenessProbe", "httpGet", "host"), ""),
        (
            one((*CONTAINER, "livenessProbe", "httpGet", "host"), "169.254.169.254"),
            one(
                (*CONTAINER, "lifecycle"),
                {"preStop": {"httpGet": {"host": "10.0.0.1", "port": 80}}},
            ),
        ),
        each((*CONTAINER, "livenessProbe", "httpGet", "host"), UNKNOWN),
    ),
    "forbid-unconfined-apparmor": field_case(
        (*SECURITY, "appArmorProfile"),
        good=({"type": "RuntimeDefault"}, {"type": "Localhost", "localhostProfile": "agent"}),
        bad=({"type": "Unconfined"}, {}),
    ),
    "forbid-unconfined-apparmor-annotation": field_case(
        (
            *POD[:-1],
            "metadata",
            "annotations",
            "container.apparmor.security.beta.kubernetes.io/app",
        ),
        good=("runtime/default", "localhost/agent"),
        bad=("unconfined",),
    ),
    "forbid-custom-selinux": field_case(
        (*SECURITY, "seLinuxOptions"),
        good=({}, {"type": "container_t"}, {"level": "s0:c1"}),
        bad=({"type": "spc_t"}, {"user": "system_u"}, {"role": "system_r"}),
    ),
    "forbid-unmasked-proc": field_case(
        (*SECURITY, "procMount"), good=("Default",), bad=("Unmasked",)
    ),
    "forbid-unconfined-seccomp": Case(
        each((*SECURITY, "seccompProfile"), {"type": "RuntimeDefault"}),
        (
            one((*SECURITY, "seccompProfile"), {"type": "Unconfined"}),
            one((*POD_SECURITY, "seccompProfile"), {"type": "Unconfined"}),
        ),
        each((*SECURITY, "seccompProfile"), UNKNOWN),
    ),
    "forbid-unsafe-sysctls": field_case(
        (*POD_SECURITY, "sysctls"),
        good=([], [{"name": "net.ipv4.tcp_syncookies", "value": "1"}]),
        bad=([{"name": "kernel.msgmax", "value": "1"}],),
    ),
}

RESTRICTED: Final[dict[str, Case]] = {
    "forbid-unlisted-volume-types": Case(
        each((*POD, "volumes"), [{"name": "a", "persistentVolumeClaim": {"claimName": "a"}}]),
        each((*POD, "volumes"), [{"name": "a", "nfs": {"server": "a", "path": "/"}}]),
        each((*POD, "volumes"), UNKNOWN),
    ),
    "forbid-privilege-escalation": field_case(
        (*SECURITY, "allowPrivilegeEscalation"), good=(False,), bad=(True, ABSENT)
    ),
    "require-non-root": Case(
        (
            one((*SECURITY, "runAsNonRoot"), True),
            (
                ((*POD_SECURITY, "runAsNonRoot"), ABSENT),
                ((*SECURITY, "runAsNonRoot"), True),
                ((*INIT, "securityContext", "runAsNonRoot"), True),
            ),
        ),
        (
            one((*POD_SECURITY, "runAsNonRoot"), False),
            one((*POD_SECURITY, "runAsNonRoot"), ABSENT),
            one((*SECURITY, "runAsNonRoot"), False),
        ),
        each((*POD_SECURITY, "runAsNonRoot"), UNKNOWN),
    ),
    "forbid-root-user": Case(
        each((*POD_SECURITY, "runAsUser"), 1, ABSENT),
        (one((*POD_SECURITY, "runAsUser"), 0), one((*SECURITY, "runAsUser"), 0)),
        each((*SECURITY, "runAsUser"), UNKNOWN),
    ),
    "require-seccomp-profile": Case(
        each(
            (*POD_SECURITY, "seccompProfile"),
            {"type": "RuntimeDefault"},
            {"type": "Localhost", "localhostProfile": "agent.json"},
        ),
        each((*POD_SECURITY, "seccompProfile"), ABSENT, {}),
        each((*POD_SECURITY, "seccompProfile", "type"), UNKNOWN),
    ),
    "require-dropped-capabilities": field_case(
        (*SECURITY, "capabilities", "drop"),
        good=(["ALL"], ["NET_RAW", "ALL"]),
        bad=(["NET_RAW"], [], ABSENT),
    ),
    "forbid-added-capabilities": field_case(
        (*SECURITY, "capabilities", "add"), good=(["NET_BIND_SERVICE"],), bad=(["CHOWN"],)
    ),
    "require-read-only-root": field_case(
        (*SECURITY, "readOnlyRootFilesystem"), good=(True,), bad=(False, ABSENT)
    ),
    "forbid-mounted-token": field_case(
        (*POD, "automountServiceAccountToken"), good=(False,), bad=(True, ABSENT)
    ),
    "forbid-mounting-account": field_case(
        ("account", "automountServiceAccountToken"), good=(False,), bad=(True, ABSENT)
    ),
}
