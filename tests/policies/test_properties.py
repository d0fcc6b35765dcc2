"""Invariants: what is hardened passes, and every hardening that is taken away is missed by name."""

import copy
from collections.abc import Callable
from ipaddress import IPv4Network, ip_address
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from policies.catalogue import GROUPS
from policies.images import Image, parse
from policies.network import IDENTITY_AGENT, METADATA, PRIVATE, reachable
from policies.resource import Resource
from policies.rule import ResourceRule
from policies.secrets import findings, names_secret
from tests.policies.world import DIGEST, Declared, container, pod_spec, resource, template

POD_RULES = tuple(
    rule
    for group in ("Pod security: baseline", "Pod security: restricted and beyond", "Images")
    for rule in GROUPS[group]
    if isinstance(rule, ResourceRule)
)
PATHS = {
    "core/v1:Pod": (),
    "apps/v1:Deployment": ("spec", "template"),
    "apps/v1:StatefulSet": ("spec", "template"),
    "apps/v1:DaemonSet": ("spec", "template"),
    "apps/v1:ReplicaSet": ("spec", "template"),
    "batch/v1:Job": ("spec", "template"),
    "batch/v1:CronJob": ("spec", "jobTemplate", "spec", "template"),
    "argoproj.io/v1alpha1:Rollout": ("spec", "template"),
}
LISTS = ("containers", "initContainers", "ephemeralContainers")
names = st.from_regex(r"[a-z]([-a-z0-9]{0,10}[a-z0-9])?", fullmatch=True)


def _volume(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    return names.map(lambda name: {"name": name, kind: {"secretName": name, "name": name}})


volumes = st.lists(
    st.sampled_from(["emptyDir", "secret", "configMap", "projected"]).flatmap(_volume), max_size=3
)
kinds = st.sampled_from(sorted(PATHS))


@st.composite
def hardened_containers(draw: st.DrawFn) -> dict[str, Any]:
    """A container that keeps every rule, in one of the ways there are."""
    made = container(draw(names))
    made["image"] = f"localhost/{draw(names)}{draw(st.sampled_from(['', ':1.2', ':v3']))}{DIGEST}"
    security = made["securityContext"]
    if draw(st.booleans()):
        security["capabilities"]["add"] = ["NET_BIND_SERVICE"]
    if draw(st.booleans()):
        security["runAsUser"] = draw(st.integers(1, 65535))
    if draw(st.booleans()):
        security |= {"runAsNonRoot": True, "seccompProfile": {"type": "Localhost"}}
    return made


@st.composite
def hardened_pods(draw: st.DrawFn) -> dict[str, Any]:
    """A pod spec that keeps every rule."""
    spec = pod_spec()
    spec["volumes"] = draw(volumes)
    spec["containers"] = draw(st.lists(hardened_containers(), min_size=1, max_size=3))
    spec["initContainers"] = draw(st.lists(hardened_containers(), max_size=2))
    spec["ephemeralContainers"] = draw(st.lists(hardened_containers(), max_size=1))
    return spec


def workload(kind: str, spec: dict[str, Any]) -> Resource:
    """A workload of `kind` around a pod spec."""
    pod = {**template(), "spec": spec}
    for step in reversed(PATHS[kind]):
        pod = {step: pod}
    return resource("made", Declared(f"kubernetes:{kind}", pod))


def broken(made: Resource) -> set[str]:
    """Names of the rules on pods and images that complain."""
    settings = {"registries": ["localhost"]}
    verdicts = ((rule.name, rule.judge(made, settings)) for rule in POD_RULES)
    return {name for name, verdict in verdicts if verdict.complaints}


@given(kind=kinds, spec=hardened_pods())
def test_a_hardened_pod_passes_in_whatever_makes_it(kind: str, spec: dict[str, Any]) -> None:
    assert broken(workload(kind, spec)) == set()


Softening = Callable[[dict[str, Any]], None]


def _set(*path: str, value: object) -> Softening:
    def apply(node: dict[str, Any]) -> None:
        for step in path[:-1]:
            node = node.setdefault(step, {})
        node[path[-1]] = value

    return apply


def _drop(*path: str) -> Softening:
    def apply(node: dict[str, Any]) -> None:
        for step in path[:-1]:
            node = node[step]
        del node[path[-1]]

    return apply


OF_A_CONTAINER: dict[str, Softening] = {
    "forbid-privilege-escalation": _drop("securityContext", "allowPrivilegeEscalation"),
    "require-dropped-capabilities": _drop("securityContext", "capabilities", "drop"),
    "require-read-only-root": _drop("securityContext", "readOnlyRootFilesystem"),
    "require-non-root": _set("securityContext", "runAsNonRoot", value=False),
    "forbid-root-user": _set("securityContext", "runAsUser", value=0),
    "forbid-unconfined-seccomp": _set(
        "securityContext", "seccompProfile", value={"type": "Unconfined"}
    ),
    "forbid-privileged-containers": _set("securityContext", "privileged", value=True),
    "forbid-dangerous-capabilities": _set(
        "securityContext", "capabilities", "add", value=["SYS_PTRACE"]
    ),
    "forbid-added-capabilities": _set("securityContext", "capabilities", "add", value=["SETUID"]),
    "forbid-host-ports": _set("ports", value=[{"containerPort": 80, "hostPort": 80}]),
    "require-image-digest": _set("image", value="localhost/agent:1.2"),
    "require-allowed-registry": _set("image", value=f"registry.example/agent{DIGEST}"),
}
OF_A_POD: dict[str, Softening] = {
    "forbid-host-namespaces": _set("hostNetwork", value=True),
    "forbid-host-path": _set("volumes", value=[{"name": "a", "hostPath": {"path": "/"}}]),
    "forbid-unlisted-volume-types": _set("volumes", value=[{"name": "a", "nfs": {"path": "/"}}]),
    "forbid-unsafe-sysctls": _set(
        "securityContext", "sysctls", value=[{"name": "kernel.shmmax", "value": "1"}]
    ),
    "forbid-mounted-token": _drop("automountServiceAccountToken"),
}


@given(
    kind=kinds,
    spec=hardened_pods(),
    name=st.sampled_from(sorted(OF_A_CONTAINER)),
    data=st.data(),
)
def test_one_hardening_less_in_any_container_is_missed_by_its_rule(
    kind: str, spec: dict[str, Any], name: str, data: st.DataObject
) -> None:
    softened = copy.deepcopy(spec)
    everyone = [each for key in LISTS for each in softened[key]]
    OF_A_CONTAINER[name](data.draw(st.sampled_from(everyone)))
    assert broken(workload(kind, softened)) == {name}


@given(kind=kinds, spec=hardened_pods(), name=st.sampled_from(sorted(OF_A_POD)))
def test_one_hardening_less_in_the_pod_is_missed_by_its_rule(
    kind: str, spec: dict[str, Any], name: str
) -> None:
    softened = copy.deepcopy(spec)
    OF_A_POD[name](softened)
    assert broken(workload(kind, softened)) == {name}


def _network(address: int, length: int) -> str:
    return str(IPv4Network((address, length), strict=False))


networks = st.builds(_network, st.integers(0, 2**32 - 1), st.integers(0, 32))


@given(cidr=networks, address=st.ip_addresses(v=4, network="169.254.0.0/16"))
def test_no_block_that_passes_reaches_the_metadata_service(cidr: str, address: object) -> None:
    passes = not list(reachable({"cidr": cidr})) and cidr not in IDENTITY_AGENT
    assert not (passes and ip_address(str(address)) in IPv4Network(cidr))


@given(cidr=networks)
def test_a_block_passes_once_everything_guarded_is_excepted(cidr: str) -> None:
    guarded = [str(network) for network in (*METADATA, *PRIVATE)]
    assert list(reachable({"cidr": cidr, "except": guarded})) == []


@given(
    registry=st.sampled_from(["localhost", "localhost:5000", "registry.example", "a.b:443"]),
    path=st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8}){0,2}", fullmatch=True),
    tag=st.sampled_from(["", "1.2", "latest"]),
)
def test_a_reference_is_the_sum_of_its_parts(registry: str, path: str, tag: str) -> None:
    reference = f"{registry}/{path}{f':{tag}' if tag else ''}{DIGEST}"
    assert parse(reference) == Image(registry, path, tag, DIGEST.removeprefix("@"))


@given(value=st.text(min_size=1), name=st.sampled_from(["DB_PASSWORD", "apiKey", "auth.token"]))
def test_a_finding_never_holds_the_value(value: str, name: str) -> None:
    canary = f"canary{value}canary"
    reasons = list(findings(name, canary))
    assert not any(canary in reason for reason in reasons)


@given(
    words=st.lists(names, min_size=1, max_size=3), suffix=st.sampled_from(["FILE", "PATH", "DIR"])
)
def test_the_place_of_a_secret_is_no_secret(words: list[str], suffix: str) -> None:
    assert not names_secret("_".join([*words, "PASSWORD", suffix]))
