"""Engine: the pack stops the real engine before anything is created, and says what to do."""

from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.engine.control_plane import CONTEXT, ControlPlane
from tests.engine.stack import Document, Project, Update

pytestmark = pytest.mark.engine

PACK = Path(__file__).resolve().parents[3] / "policies"
UNUSED = "forbid-unused-exemption"
DIGEST = "@sha256:" + "ab" * 32
PROGRAM = """
    namespace = k8s.core.v1.Namespace(
        "tenant",
        metadata={{
            "name": "{name}",
            "labels": {{"pod-security.kubernetes.io/enforce": "restricted"}},
        }},
    )
    inside = {{"namespace": namespace.metadata["name"], "name": "planner"}}
    k8s.networking.v1.NetworkPolicy(
        "closed",
        metadata=inside,
        spec={{"podSelector": {{}}, "policyTypes": ["Ingress", "Egress"]}},
    )
    identity = k8s.core.v1.ServiceAccount(
        "identity", metadata=inside, automount_service_account_token=False
    )
    labels = {{"app": "planner"}}
    k8s.networking.v1.NetworkPolicy(
        "own",
        metadata={{**inside, "name": "own"}},
        spec={{"podSelector": {{"matchLabels": labels}}, "policyTypes": ["Ingress", "Egress"]}},
    )
    parts = {{f"app.kubernetes.io/{{part}}": "planner" for part in ("name", "component", "part-of")}}
    k8s.apps.v1.Deployment(
        "planner",
        metadata={{
            **inside,
            "annotations": {{"pulumi.com/skipAwait": "true"}},
            "labels": {{**labels, **parts}},
        }},
        spec={{
            "replicas": 1,
            "selector": {{"matchLabels": labels}},
            "template": {{
                "metadata": {{"labels": labels}},
                "spec": {{
                    "serviceAccountName": "planner",
                    "priorityClassName": "system-cluster-critical",
                    "automountServiceAccountToken": False,
                    "topologySpreadConstraints": {spread},
                    "securityContext": {{
                        "runAsNonRoot": True,
                        "seccompProfile": {{"type": "RuntimeDefault"}},
                    }},
                    "containers": [
                        {{
                            "name": "app",
                            "image": {image},
                            "resources": {{
                                "requests": {{"cpu": "50m", "memory": "64Mi"}},
                                "limits": {{"memory": "64Mi"}},
                            }},
                            "readinessProbe": {{"tcpSocket": {{"port": 8000}}}},
                            "livenessProbe": {{"tcpSocket": {{"port": 8000}}, "periodSeconds": 30}},
                            "securityContext": {{
                                "allowPrivilegeEscalation": False,
                                "readOnlyRootFilesystem": True,
                                "privileged": {privileged},
                                "capabilities": {{"drop": ["ALL"]}},
                            }},
                        }}
                    ],
                }},
            }},
        }},
        opts=pulumi.ResourceOptions(depends_on=[identity]),
    )
"""


def program(
    name: str,
    *,
    image: str = f'"localhost/planner{DIGEST}"',
    privileged: bool = False,
    spread: str = "[]",
) -> str:
    """A small stack that keeps every rule, but for what is asked for."""
    return PROGRAM.format(name=name, image=image, privileged=privileged, spread=spread)


@pytest.fixture
def guarded(control_plane: ControlPlane, new_project: Callable[..., Project]) -> Generator[Project]:
    """A project of its own, whose resources are removed afterwards."""
    project = new_project(control_plane.kubeconfig, kubernetes__context=CONTEXT)
    yield project
    project.destroy()


def pack(environment: str = "") -> tuple[str, ...]:
    """The options that make the engine run the pack."""
    options = ("--policy-pack", str(PACK))
    if not environment:
        return options
    return (*options, "--policy-pack-config", str(PACK / "environments" / f"{environment}.json"))


def violations(update: Update, level: str) -> list[Document]:
    """What the rules said at this level of enforcement."""
    events = (event.get("policyEvent") for event in update.events)
    return [
        event
        for event in events
        # The committed exemptions are those of the platform, which these programs are not.
        if event and event["enforcementLevel"] == level and event["policyName"] != UNUSED
    ]


def test_a_stack_that_keeps_the_rules_is_deployed_without_a_word(guarded: Project) -> None:
    guarded.program(program("kept"))
    update = guarded.run("up", "--yes", *pack())
    assert update.code == 0, update.output
    assert violations(update, "mandatory") == violations(update, "advisory") == []
    assert guarded.has("planner")
    unused = [
        event for event in update.events if event.get("policyEvent", {}).get("policyName") == UNUSED
    ]
    assert {event["policyEvent"]["enforcementLevel"] for event in unused} == {"advisory"}


def test_a_mandatory_fault_stops_the_up_before_anything_is_created(
    guarded: Project, control_plane: ControlPlane
) -> None:
    guarded.program(program("refused", privileged=True))
    update = guarded.run("up", "--yes", *pack())
    assert update.code != 0
    assert not any(guarded.has(name) for name in ("tenant", "closed", "identity", "planner"))
    assert "refused" not in control_plane.kubectl("get", "namespaces", "--output=name")


def test_the_message_has_resource_reason_and_remedy(guarded: Project) -> None:
    guarded.program(program("told", privileged=True))
    update = guarded.preview(*pack())
    assert update.code != 0
    (said,) = violations(update, "mandatory")
    assert said["policyName"] == "forbid-privileged-containers"
    assert said["resourceUrn"].endswith("kubernetes:apps/v1:Deployment::planner")
    for words in (
        "Deployment planner, container app: securityContext.privileged is true.",
        "To mend it: remove securityContext.privileged.",
    ):
        assert words in said["message"]
        assert words in update.output


def test_a_fault_that_only_the_up_can_see_stops_the_resource_itself(
    guarded: Project, control_plane: ControlPlane
) -> None:
    # The cluster gives out the uid, so a preview cannot know the image.
    image = 'pulumi.Output.concat("localhost/planner:", namespace.metadata["uid"])'
    guarded.program(program("late", image=image))
    preview = guarded.preview(*pack())
    assert preview.code == 0, preview.output
    notes = {note["policyName"] for note in violations(preview, "advisory")}
    assert notes == {"require-image-digest", "forbid-latest-tag", "require-allowed-registry"}

    update = guarded.run("up", "--yes", *pack())
    assert update.code != 0
    assert {each["policyName"] for each in violations(update, "mandatory")} == {
        "require-image-digest"
    }
    assert not guarded.has("planner")
    assert not control_plane.kubectl("get", "deployments", "--namespace=late", "--output=name")


def test_what_an_environment_makes_advisory_is_said_and_does_not_stop(guarded: Project) -> None:
    text = program("lenient").replace('"replicas": 1', '"replicas": 2')
    guarded.program(text)
    strict = guarded.preview(*pack("prod"))
    assert strict.code != 0
    assert "require-topology-spread" in {
        each["policyName"] for each in violations(strict, "mandatory")
    }
    lenient = guarded.preview(*pack("dev"))
    assert lenient.code == 0, lenient.output
    assert {each["policyName"] for each in violations(lenient, "advisory")} == {
        "require-topology-spread",
        "require-disruption-budget",
    }
