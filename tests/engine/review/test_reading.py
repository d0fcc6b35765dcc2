"""What the real engine prints is read as what it means."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from review.model import SECRET, UNKNOWN, Level, Operation, Outcome, Property, Review
from review.reading import Printed, read
from tests.engine.stack import NAME, Project

pytestmark = pytest.mark.engine

PLAIN = "kV9-never-told-7"
BEFORE = """
    import json

    import pulumi_random as random
    from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

    class Changing(ResourceProvider):
        def create(self, props):
            return CreateResult("1", dict(props))

        def diff(self, id, old, new):
            return DiffResult(changes=old["size"] != new["size"])

        def update(self, id, old, new):
            return UpdateResult(dict(new))

    class Thing(Resource):
        def __init__(self, name, size):
            super().__init__(Changing(), name, {"size": size, "same": 1})

    token = pulumi.Config().require_secret("token")
    group = pulumi.ComponentResource("sample:group:Group", "group")
    inside = pulumi.ResourceOptions(parent=group)
"""
FIRST = """
    Thing("updated", 1)
    random.RandomId("replaced", byte_length=8, opts=inside)
    first = random.RandomId(
        "first", byte_length=8, opts=pulumi.ResourceOptions(delete_before_replace=True)
    )
    random.RandomId("dependent", byte_length=8, keepers={"of": first.hex})
    random.RandomId("deleted", byte_length=8)
    random.RandomId("kept", byte_length=8, opts=pulumi.ResourceOptions(retain_on_delete=True))
    random.RandomId(
        "keyed", byte_length=8, keepers={"t": token, "doc": json.dumps({"a": {"b": 1}})}, opts=inside
    )
    pulumi.export("token", token)
    pulumi.export("size", 1)
"""
SECOND = """
    Thing("updated", 2)
    random.RandomId("replaced", byte_length=9, opts=inside)
    first = random.RandomId(
        "first", byte_length=9, opts=pulumi.ResourceOptions(delete_before_replace=True)
    )
    random.RandomPassword("created", length=20, opts=inside)
    random.RandomId(
        "keyed",
        byte_length=8,
        keepers={"t": token.apply(lambda t: t[::-1]), "doc": json.dumps({"a": {"b": 2}})},
        opts=inside,
    )
    pulumi.log.warn("take care of this")
    pulumi.export("token", token)
    pulumi.export("size", 2)
    pulumi.export("id", first.hex)
"""
PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy, Severity
from pulumi_policy import StackValidationPolicy


def long_enough(args, report):
    if args.resource_type == "random:index/randomId:RandomId" and args.props["byteLength"] < 9:
        report(f"RandomId {args.name}: byteLength is 8. To mend it: make it 9.")


def known(args, report):
    if args.resource_type == "random:index/randomId:RandomId":
        if args.props["keepers"]["of"] == "":
            report("It is empty.")


def judge(args, report):
    CRASH


PolicyPack(
    name="sample",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        ResourceValidationPolicy(
            name="require-length", description="Ids are long.", validate=long_enough, severity=Severity.HIGH
        ),
        ResourceValidationPolicy(name="require-keeper", description="Known.", validate=known),
        StackValidationPolicy(name="require-order", description="In order.", validate=judge),
    ],
)
"""
CREATION = """
    import pulumi_random as random

    short = random.RandomId("short", byte_length=8, keepers={"of": "x"})
    random.RandomId("long", byte_length=9, keepers={"of": short.hex})
"""


@pytest.fixture
def project(new_project: Callable[..., Project], tmp_path: Path) -> Project:
    """A project that has a secret setting and no cluster."""
    made = new_project(tmp_path / "no-kubeconfig")
    made.check("config", "set", "--secret", "token", PLAIN)
    return made


@pytest.fixture
def pack(project: Project) -> Callable[[str], tuple[str, ...]]:
    """Makes a pack whose judgement of the stack is this statement; returns the options to run it."""

    def make(judgement: str = "return") -> tuple[str, ...]:
        folder = project.folder / "policies"
        folder.mkdir()
        (project.folder / ".venv").symlink_to(sys.prefix)
        runtime = {"name": "python", "options": {"virtualenv": "../.venv"}}
        (folder / "PulumiPolicy.yaml").write_text(yaml.safe_dump({"runtime": runtime}))
        (folder / "__main__.py").write_text(PACK.replace("CRASH", judgement))
        return ("--policy-pack", "policies")

    return make


def program(project: Project, text: str) -> None:
    project.program(dedent(text))


def preview(project: Project, *options: str) -> Printed:
    """Run a preview as reports on them do."""
    events, digest = project.folder / "events.jsonl", project.folder / "plan.json"
    command = ["preview", "--json", "--show-sames", "--stack", NAME, "--event-log", str(events)]
    result = subprocess.run(
        [str(project.pulumi), *command, *options, "--non-interactive"],
        cwd=project.folder,
        env={**os.environ, **project.environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    digest.write_text(result.stdout)
    return Printed(events=events, digest=digest, code=result.returncode, stderr=result.stderr)


def review_of(printed: Printed) -> Review:
    review = read(NAME, printed, compared_with="what is deployed")
    told = repr(review)
    assert PLAIN not in told
    assert PLAIN[::-1] not in told
    return review


def test_a_changed_program_is_read_as_what_it_does(project: Project) -> None:
    program(project, BEFORE + FIRST)
    project.deployed()
    program(project, BEFORE + SECOND)
    printed = preview(project)
    review = review_of(printed)

    assert review.outcome is Outcome.SUCCEEDED, review.notices
    by_name = {one.identity.name: one for one in review.resources if one.custom}
    assert {name: one.operation for name, one in by_name.items()} == {
        "updated": Operation.UPDATE,
        "replaced": Operation.REPLACE,
        "first": Operation.REPLACE,
        "created": Operation.CREATE,
        "keyed": Operation.REPLACE,
        "deleted": Operation.DELETE,
        "kept": Operation.FORGET,
        # It depends on what is deleted first, and the program does not make it again.
        "dependent": Operation.DELETE,
    }
    assert [name for name, one in by_name.items() if one.deletes_first] == ["first"]
    assert [(one.path, one.before, one.after) for one in by_name["updated"].properties] == [
        ("size", "1", "2")
    ]
    assert {
        one.path: (one.before, one.after, one.replaces) for one in by_name["keyed"].properties
    } == {"keepers.t": (SECRET, SECRET, True), "keepers.doc.a.b": ("1", "2", True)}
    assert {one.path: (one.before, one.after) for one in review.outputs} == {
        "size": ("1", "2"),
        "id": (None, UNKNOWN),
    }
    assert by_name["created"].source.startswith("__main__.py:")
    assert [notice.text for notice in review.notices] == ["take care of this"]
    assert review.policies.failed == "No policies were asked."
    assert review.remarks == ()

    # The log alone tells the same, but for what depends on what.
    events = Printed(events=printed.events, digest=None, code=printed.code)
    alone = read(NAME, events, compared_with="what is deployed")
    assert [(one.urn, one.operation, _told(one.properties)) for one in alone.resources] == [
        (one.urn, one.operation, _told(one.properties)) for one in review.resources
    ]


def _told(properties: tuple[Property, ...]) -> list[tuple[str, str | None, str | None]]:
    return [(one.path, one.before, one.after) for one in properties]


def test_a_finding_stops_no_preview_and_is_told_in_its_parts(
    project: Project, pack: Callable[[], tuple[str, ...]]
) -> None:
    program(project, CREATION)
    printed = preview(project, *pack())
    assert printed.code != 0
    review = review_of(printed)
    assert (review.outcome, review.notices) == (Outcome.SUCCEEDED, ())
    assert review.counts == {Operation.CREATE: 2}
    policies = review.policies
    assert (policies.packs, policies.failed, policies.undecided) == ({"sample": "0.0.1"}, "", 1)
    (finding,) = policies.findings
    assert (finding.level, finding.severity, finding.policy) == (
        Level.MANDATORY,
        "high",
        "require-length",
    )
    assert (finding.reason, finding.remediation) == ("byteLength is 8.", "make it 9.")
    by_name = {one.identity.name: one for one in review.changed}
    assert finding.urn == by_name["short"].urn
    assert by_name["long"].needs_after == {finding.urn}


def test_a_pack_that_crashes_is_a_failure(
    project: Project, pack: Callable[[str], tuple[str, ...]]
) -> None:
    program(project, CREATION)
    review = review_of(preview(project, *pack("raise ValueError('the rule broke')")))
    assert review.outcome is Outcome.FAILED
    assert review.policies.packs == {}
    assert "the rule broke" in review.policies.failed
    assert any("the rule broke" in notice.text for notice in review.notices)


def test_a_pack_that_cannot_be_loaded_is_a_failure(
    project: Project, pack: Callable[[], tuple[str, ...]]
) -> None:
    options = pack()
    (project.folder / "policies" / "__main__.py").write_text("import absent_module\n")
    program(project, CREATION)
    review = review_of(preview(project, *options))
    assert (review.outcome, review.resources) == (Outcome.FAILED, ())
    assert review.policies.failed.startswith("Policies could not be loaded: policy pack")
    assert any("No module named 'absent_module'" in notice.text for notice in review.notices)


def test_a_program_that_raises_is_a_failure_and_keeps_its_secrets(project: Project) -> None:
    program(
        project,
        CREATION
        + """
    def fail(token):
        raise ValueError(f"it is wrong: {token} and {token[::-1]} password={token[1:]}")

    short.hex.apply(print)
    pulumi.Config().require_secret("token").apply(fail)
    """,
    )
    printed = preview(project)
    assert printed.code != 0
    review = read(NAME, printed, compared_with="what is deployed", withheld=[PLAIN, PLAIN[::-1]])
    told = repr(review)
    assert review.outcome is Outcome.FAILED
    assert "it is wrong" in told
    assert PLAIN[1:] not in told
    assert PLAIN[::-1] not in told
