"""The pack over the engine's own protocol: exemptions that hold, end or are not needed; rules that fail."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import grpc
import pytest
from pulumi.runtime.proto import analyzer_pb2

from tests.policies.analyzer import PACK, Analyzer, running
from tests.policies.cases import one
from tests.policies.world import UNKNOWN, Declared, changed, world

UNUSED = "forbid-unused-exemption"
EXPIRED = "forbid-expired-exemption"


def shown(
    analyzer: Analyzer, stack: Mapping[str, Declared]
) -> list[analyzer_pb2.AnalyzeDiagnostic]:
    """What the pack says of each resource and of the stack, but for exemptions that it needs not."""
    found = [d for name, each in stack.items() for d in analyzer.analyze(name, each).diagnostics]
    found += analyzer.analyze_stack(stack).diagnostics
    return [diagnostic for diagnostic in found if diagnostic.policyName != UNUSED]


def mandatory(found: list[analyzer_pb2.AnalyzeDiagnostic]) -> set[str]:
    """Names of the rules that would stop the deployment."""
    return {d.policyName for d in found if d.enforcementLevel == analyzer_pb2.MANDATORY}


EXEMPTION = """
exemptions:
  - rule: forbid-exposed-service
    type: kubernetes:core/v1:Service
    name: service
    stacks: [dev]
    reason: The tests need a service that may be exposed.
    owner: tests
    expires: {expires}
"""


@pytest.fixture
def pack_with(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A copy of the pack, and its file of exemptions."""
    copy = tmp_path / "policies"
    shutil.copytree(PACK, copy, ignore=shutil.ignore_patterns("__pycache__"))
    yield copy, copy / "exemptions.yaml"


EXPOSED = changed(one(("service", "spec", "type"), "NodePort"))


def test_an_exemption_covers_its_resource_in_its_stack(pack_with: tuple[Path, Path]) -> None:
    pack, file = pack_with
    file.write_text(EXEMPTION.format(expires="2999-12-31"))
    with running(pack=pack) as analyzer:
        answer = analyzer.analyze("service", EXPOSED["service"])
        assert not answer.diagnostics
        reasons = {entry.policy_name: entry.reason for entry in answer.not_applicable}
        assert reasons["forbid-exposed-service"].startswith("exempt until 2999-12-31 (tests): ")
        other = analyzer.analyze("other", EXPOSED["service"])
        assert {d.policyName for d in other.diagnostics} == {"forbid-exposed-service"}
    with running(pack=pack, stack="prod") as analyzer:
        answer = analyzer.analyze("service", EXPOSED["service"])
        assert {d.policyName for d in answer.diagnostics} == {"forbid-exposed-service"}


def test_an_expired_exemption_no_longer_holds_and_says_so(pack_with: tuple[Path, Path]) -> None:
    pack, file = pack_with
    file.write_text(EXEMPTION.format(expires="2020-01-31"))
    with running(pack=pack) as analyzer:
        found = shown(analyzer, EXPOSED)
        left = analyzer.analyze_stack(EXPOSED).diagnostics
    assert mandatory(found) == {"forbid-exposed-service", EXPIRED}
    assert "its exemption for tests ended 2020-01-31" in found[0].message
    assert UNUSED not in {diagnostic.policyName for diagnostic in left}


def test_an_expired_exemption_fails_though_nothing_needs_it(pack_with: tuple[Path, Path]) -> None:
    pack, file = pack_with
    file.write_text(EXEMPTION.format(expires="2020-01-31"))
    with running(pack=pack, environment="dev") as analyzer:
        (said,) = analyzer.analyze_stack(world()).diagnostics
    assert (said.policyName, said.enforcementLevel) == (EXPIRED, analyzer_pb2.MANDATORY)
    assert "Service service has ended 2020-01-31 (tests)" in said.message
    with running(pack=pack, environment="prod", stack="prod") as analyzer:
        found = analyzer.analyze_stack({"config": world()["config"]}).diagnostics
    assert EXPIRED not in {diagnostic.policyName for diagnostic in found}


FAULTY = """

@stack_rule(
    "core/ConfigMap", severity=Severity.LOW, remedy="this rule is at fault itself.", advisory=True
)
def require_nothing(config: Resource, stack: Stack) -> Iterator[str]:
    \"\"\"A rule that fails on whatever it is shown.\"\"\"
    yield str({}["no such key"])


@rule(of("core/Service"), severity=Severity.LOW, remedy="this rule is at fault itself.")
def forbid_nothing(service: Resource) -> Iterator[str]:
    \"\"\"A rule that fails on whatever it is shown.\"\"\"
    yield str({}["no such key"])


RULES = (*RULES, require_nothing, forbid_nothing)
"""


def break_a_rule(pack: Path) -> None:
    """Give a copy of the pack a rule on resources and one on stacks that fail."""
    module = pack / "tenancy.py"
    text = module.read_text().replace(
        "import Severity, cis, rule", "import Severity, cis, of, rule"
    )
    module.write_text(text.replace("RULES: Final = (", "RULES = (") + FAULTY)


def test_a_rule_that_fails_is_an_error_that_names_rule_and_resource(
    pack_with: tuple[Path, Path],
) -> None:
    break_a_rule(pack_with[0])
    with running(pack=pack_with[0], environment="dev") as analyzer:
        with pytest.raises(grpc.RpcError, match=r"forbid-nothing failed on .*:Service service"):
            analyzer.analyze("service", world()["service"])
        assert not analyzer.analyze("account", world()["account"]).diagnostics
        with pytest.raises(grpc.RpcError, match="require-nothing failed on the stack"):
            analyzer.analyze_stack(world())


def test_an_exemption_that_nothing_needs_is_reported_without_stopping(
    pack_with: tuple[Path, Path],
) -> None:
    pack, file = pack_with
    file.write_text(EXEMPTION.format(expires="2999-12-31"))
    with running(pack=pack) as analyzer:
        for name, declared in world().items():
            analyzer.analyze(name, declared)
        found = analyzer.analyze_stack(world()).diagnostics
    assert [diagnostic.policyName for diagnostic in found] == [UNUSED]
    assert found[0].enforcementLevel == analyzer_pb2.ADVISORY
    assert "forbid-exposed-service for kubernetes:core/v1:Service service" in found[0].message


def test_an_exemption_from_a_rule_that_could_not_be_judged_is_not_called_unused(
    pack_with: tuple[Path, Path],
) -> None:
    pack, file = pack_with
    file.write_text(EXEMPTION.format(expires="2999-12-31"))
    stack = changed(one(("service", "spec", "type"), UNKNOWN))
    with running(pack=pack) as analyzer:
        shown(analyzer, stack)
        found = analyzer.analyze_stack(stack).diagnostics
    assert UNUSED not in {diagnostic.policyName for diagnostic in found}


def test_a_faulty_file_of_exemptions_stops_the_pack_and_names_the_fault(
    pack_with: tuple[Path, Path],
) -> None:
    pack, file = pack_with
    file.write_text(EXEMPTION.format(expires="soon"))
    with (
        pytest.raises(RuntimeError, match=r"exemptions\.0\.expires.*got 'soon'"),
        running(pack=pack),
    ):
        pass
