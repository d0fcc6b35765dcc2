"""Engine: Kubernetes' own admission of pods agrees with the rules, and takes the platform's pods."""

import copy
from typing import Any, cast

import pytest

from policies.pods import WORKLOADS
from policies.resource import Resource, whole
from tests.engine.control_plane import ControlPlane
from tests.policies.pod_cases import BASELINE, RESTRICTED
from tests.policies.test_platform import platform
from tests.policies.world import Change, changed

pytestmark = pytest.mark.engine

BEYOND_THE_STANDARD = {
    "require-read-only-root",
    "forbid-mounted-token",
    "forbid-mounting-account",
}
# Values that the API server refuses as no pod at all, before it asks whether the pod is secure.
NO_POD = {
    ("forbid-host-process", 1),
    ("forbid-privileged-containers", 1),
    ("forbid-privileged-containers", 2),
    ("forbid-unconfined-apparmor", 2),
    ("forbid-unmasked-proc", 1),
    ("require-seccomp-profile", 2),
}
NAMESPACE = "pod-security"
PRIORITIES = ("agents", "platform-gateway")
"""Priority classes that the pods name: without one that is there, a pod is refused for that."""


def _fixtures(kind: str) -> list[object]:
    return [
        pytest.param(name, number, change, id=f"{name}-{number}")
        for name, case in {**BASELINE, **RESTRICTED}.items()
        if name not in BEYOND_THE_STANDARD
        for number, change in enumerate(getattr(case, kind), 1)
    ]


@pytest.fixture(scope="module")
def admission(control_plane: ControlPlane) -> ControlPlane:
    """A cluster with a namespace that takes restricted pods only."""
    restricted = {
        f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")
    }
    metadata = {"name": NAMESPACE, "labels": restricted}
    account = {"name": "planner", "namespace": NAMESPACE}
    control_plane.apply(
        *(
            {
                "apiVersion": "scheduling.k8s.io/v1",
                "kind": "PriorityClass",
                "metadata": {"name": name},
                "value": 1,
            }
            for name in PRIORITIES
        ),
        {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account},
    )
    return control_plane


def workloads() -> list[Resource]:
    """What the platform makes pods from."""
    # Registered in any order, and every worker has to see the same one.
    everything = sorted(platform().items())
    found = [Resource(each.type, name, "", each.props) for name, each in everything]
    return [each for each in found if each.kind in WORKLOADS]


def pod(change: Change) -> dict[str, Any]:
    """The pod of the fixtures' workload, as it stands after `change`."""
    template = changed(change)["deployment"].props["spec"]["template"]
    metadata = {**template["metadata"], "name": "planner", "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


def admit(admission: ControlPlane, manifest: dict[str, Any]) -> str:
    """Offer an object to the API server, which keeps nothing; what it refused it for, or nothing."""
    answer = admission.offer(manifest)
    return "" if answer.is_success else str(answer.json()["message"])


def warnings(admission: ControlPlane, manifest: dict[str, Any]) -> list[str]:
    """What the API server warns of when it takes the object."""
    return admission.offer(manifest).raise_for_status().headers.get_list("warning")


@pytest.mark.parametrize(("name", "number", "change"), _fixtures("passing"))
def test_what_the_rules_let_pass_is_admitted(
    admission: ControlPlane, name: str, number: int, change: Change
) -> None:
    assert admit(admission, pod(change)) == ""


@pytest.mark.parametrize(("name", "number", "change"), _fixtures("failing"))
def test_what_the_rules_complain_of_is_refused(
    admission: ControlPlane, name: str, number: int, change: Change
) -> None:
    said = admit(admission, pod(change))
    wanted = "is invalid" if (name, number) in NO_POD else 'violates PodSecurity "restricted:'
    assert wanted in said


@pytest.mark.parametrize("workload", workloads(), ids=lambda each: each.name)
def test_every_workload_of_the_platform_is_admitted_without_a_warning(
    admission: ControlPlane, workload: Resource
) -> None:
    assert warnings(admission, manifest(workload)) == []


def test_a_workload_below_the_standard_brings_the_warning_that_is_looked_for(
    admission: ControlPlane,
) -> None:
    softened = manifest(workloads()[0])
    del softened["spec"]["template"]["spec"]["securityContext"]
    for container in softened["spec"]["template"]["spec"]["containers"]:
        del container["securityContext"]
    (warning,) = warnings(admission, softened)
    assert "would violate PodSecurity" in warning


def manifest(workload: Resource) -> dict[str, Any]:
    """A workload as it would be sent to a cluster; the provider names what the program does not."""
    whole_numbers = cast("dict[str, Any]", _whole_numbers(dict(workload.props)))
    metadata = {"name": workload.name, **whole_numbers["metadata"], "namespace": NAMESPACE}
    return copy.deepcopy({**whole_numbers, "metadata": metadata})


def _whole_numbers(value: object) -> object:
    """The same with 1 for 1.0, which the recording has from the wire."""
    if isinstance(value, dict):
        mapping = cast("dict[str, object]", value)
        return {key: _whole_numbers(each) for key, each in mapping.items()}
    if isinstance(value, list):
        return [_whole_numbers(each) for each in cast("list[object]", value)]
    number = whole(value)
    return value if number is None else number
