"""The pack over the engine's own protocol: what the adapter makes of rules, levels and exemptions."""

from collections.abc import Iterator, Mapping

import pytest
from pulumi.runtime.proto import analyzer_pb2

from policies.catalogue import RULES
from policies.rule import ResourceRule
from tests.policies.analyzer import Analyzer, running, secret
from tests.policies.aws_world import OPTIONS, aws_world
from tests.policies.cases import CONTAINER, SECURITY, one
from tests.policies.fixtures import CASES, stack_after
from tests.policies.world import DIGEST, UNKNOWN, Change, Declared, changed, world

NAMES = {rule.name for rule in RULES if isinstance(rule, ResourceRule)}
STACK_NAMES = {rule.name for rule in RULES} - NAMES
UNUSED = "forbid-unused-exemption"
EXPIRED = "forbid-expired-exemption"
KEPT = {**world(), **aws_world()}
"""Resources that bring no word from the pack, as a test of its own says."""


@pytest.fixture(scope="module")
def analyzer() -> Iterator[Analyzer]:
    """The pack as strict as its rules are made, with names where they know none by themselves."""
    with running(options=OPTIONS) as started:
        yield started


def analyzed(
    analyzer: Analyzer, stack: Mapping[str, Declared]
) -> list[analyzer_pb2.AnalyzeDiagnostic]:
    """All diagnostics of a run over `stack`, without those on exemptions that this stack lacks.

    Resources that are as they always are were judged before, and are not sent again.
    """
    found = [
        diagnostic
        for name, declared in stack.items()
        if declared != KEPT.get(name) or declared != analyzer.last.get(name)
        for diagnostic in analyzer.analyze(name, declared).diagnostics
    ]
    found += analyzer.analyze_stack(stack).diagnostics
    return [diagnostic for diagnostic in found if diagnostic.policyName != UNUSED]


def mandatory(found: list[analyzer_pb2.AnalyzeDiagnostic]) -> set[str]:
    """Names of the rules that would stop the deployment."""
    return {d.policyName for d in found if d.enforcementLevel == analyzer_pb2.MANDATORY}


def _first(kind: str) -> list[object]:
    return [
        pytest.param(name, getattr(case, kind)[0], id=name)
        for name, case in CASES.items()
        if getattr(case, kind)
    ]


def test_what_keeps_every_rule_brings_no_word_from_the_pack(analyzer: Analyzer) -> None:
    for stack in (world(), aws_world()):
        for name, declared in stack.items():
            assert not analyzer.analyze(name, declared).diagnostics
        assert analyzed(analyzer, stack) == []


@pytest.mark.parametrize(("name", "change"), _first("failing"))
def test_a_fault_stops_the_deployment_with_resource_reason_and_remedy(
    analyzer: Analyzer, name: str, change: Change
) -> None:
    found = analyzed(analyzer, stack_after(name, change))
    rule = next(rule for rule in RULES if rule.name == name)
    strict = {each.name for each in RULES if not each.advisory}
    assert mandatory(found) == (CASES[name].also | {name}) & strict
    said = [diagnostic for diagnostic in found if diagnostic.policyName == name]
    for diagnostic in said:
        assert diagnostic.message.startswith(f"{rule.description}\n")
        assert f"To mend it: {rule.remedy}" in diagnostic.message
        assert diagnostic.severity == analyzer_pb2.PolicySeverity.Value(
            f"POLICY_SEVERITY_{rule.severity.upper()}"
        )
    changed_resources = {str(path[0]) for path, _ in change} | set(KEPT)
    assert all(
        any(f" {resource}" in diagnostic.message for resource in changed_resources)
        for diagnostic in said
    )


@pytest.mark.parametrize(("name", "change"), _first("unknown"))
def test_an_unknown_value_becomes_an_advisory_note(
    analyzer: Analyzer, name: str, change: Change
) -> None:
    found = analyzed(analyzer, stack_after(name, change))
    assert mandatory(found) == set()
    notes = [diagnostic for diagnostic in found if diagnostic.policyName == name]
    assert notes
    assert all("can't be known during preview" in note.message for note in notes)


@pytest.mark.parametrize(("name", "change"), _first("passing"))
def test_what_is_in_order_passes(analyzer: Analyzer, name: str, change: Change) -> None:
    assert mandatory(analyzed(analyzer, stack_after(name, change))) == set()


def test_a_secret_value_is_judged_and_never_printed(analyzer: Analyzer) -> None:
    plain = "correct-horse-battery"
    stack = changed(
        (
            ((*CONTAINER, "env"), [{"name": "DB_PASSWORD", "value": secret(plain)}]),
            ((*CONTAINER, "args"), [secret(f"--token={plain}")]),
            (("config", "data"), secret({"API_KEY": plain, "agent.ini": f"password = {plain}\n"})),
        )
    )
    found = analyzed(analyzer, stack)
    assert mandatory(found) == {
        "forbid-secret-in-environment",
        "forbid-secret-in-arguments",
        "forbid-secret-in-config-map",
    }
    assert not any(plain in str(diagnostic) for diagnostic in found)


def test_a_secret_pod_is_still_hardened(analyzer: Analyzer) -> None:
    stack = changed(one(SECURITY, secret({"privileged": True})))
    assert "forbid-privileged-containers" in mandatory(analyzed(analyzer, stack))


def test_numbers_are_judged_though_the_wire_makes_them_floats(analyzer: Analyzer) -> None:
    stack = changed(one(("autoscaler",), world()["autoscaler"]))
    stack["autoscaler"].props["spec"]["minReplicas"] = 2
    stack["budget"].props["spec"] = {
        **stack["budget"].props["spec"],
        "minAvailable": 2,
        "maxUnavailable": None,
    }
    found = analyzed(analyzer, stack)
    assert "minAvailable is 2, deployment may have 2" in "".join(d.message for d in found)


def test_a_mandatory_rule_that_the_preview_could_not_judge_is_judged_by_the_up(
    analyzer: Analyzer,
) -> None:
    image = (*CONTAINER, "image")
    assert mandatory(analyzed(analyzer, changed(one(image, UNKNOWN)))) == set()
    known = changed(one(image, "localhost/planner:1.0"))
    assert mandatory(analyzed(analyzer, known)) == {"require-image-digest"}


def test_replicas_that_the_cluster_filled_in_are_no_fault_of_the_program(
    analyzer: Analyzer,
) -> None:
    for name, declared in world().items():
        analyzer.analyze(name, declared)
    live = world()
    live["deployment"].props["spec"]["replicas"] = 2
    found = analyzer.analyze_stack(live).diagnostics
    assert "forbid-fixed-replicas" not in {diagnostic.policyName for diagnostic in found}


def test_rules_that_have_nothing_to_judge_say_so(analyzer: Analyzer) -> None:
    answer = analyzer.analyze("stack", Declared("pulumi:pulumi:Stack", {}))
    assert not answer.diagnostics
    assert {entry.policy_name for entry in answer.not_applicable} == NAMES
    assert mandatory(analyzed(analyzer, {"stack": Declared("pulumi:pulumi:Stack", {})})) == set()


def test_the_pack_describes_every_rule_to_the_engine(analyzer: Analyzer) -> None:
    info = analyzer.info()
    described = {policy.name: policy for policy in info.policies}
    assert info.name == "agent-platform"
    assert set(described) == NAMES | STACK_NAMES | {UNUSED, EXPIRED}
    for name, policy in described.items():
        assert policy.description, name
        assert policy.remediation_steps, name
        assert policy.severity != analyzer_pb2.POLICY_SEVERITY_UNSPECIFIED, name
        stack_wide = policy.policy_type == analyzer_pb2.POLICY_TYPE_STACK
        assert stack_wide == (name in STACK_NAMES | {UNUSED, EXPIRED}), name


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_an_environment_relaxes_what_its_file_names_and_nothing_else(environment: str) -> None:
    with running(environment=environment, stack=environment) as analyzer:
        found = analyzed(analyzer, changed(one(CASES_SPREAD, [])))
    level = analyzer_pb2.ADVISORY if environment == "dev" else analyzer_pb2.MANDATORY
    levels = {d.enforcementLevel for d in found if d.policyName == "require-topology-spread"}
    assert levels == {level}


CASES_SPREAD = ("deployment", "spec", "template", "spec", "topologySpreadConstraints")


def test_an_environment_says_where_images_may_come_from() -> None:
    local = world()["deployment"]
    with running(environment="prod", stack="prod") as analyzer:
        refused = analyzer.analyze("deployment", local).diagnostics
        assert {d.policyName for d in refused} == {"require-allowed-registry"}
        path = ("deployment", "spec", "template", "spec")
        image = f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/agent{DIGEST}"
        remote = changed(
            (
                ((*path, "containers", 0, "image"), image),
                ((*path, "initContainers", 0, "image"), image),
            )
        )
        assert not analyzer.analyze("deployment", remote["deployment"]).diagnostics
