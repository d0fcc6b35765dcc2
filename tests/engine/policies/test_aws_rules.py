"""Engine: every rule of the pack is reached through the engine itself, and one that fails is a failure.

What the engine shows to a pack does not depend on providers, so none takes part.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from policies.catalogue import RULES
from policies.rule import ResourceRule
from tests.engine.stack import Project, Update
from tests.policies.analyzer import PACK, ROOT
from tests.policies.aws_world import OPTIONS, aws_world
from tests.policies.fixtures import BY_NAME, CASES, settings, stack_after
from tests.policies.test_analyzer_exemptions import break_a_rule
from tests.policies.world import Declared, resource, world

pytestmark = pytest.mark.engine

PROGRAM = Path(__file__).with_name("registering.py")
PROVIDERS = ("pulumi:providers:aws", "pulumi:providers:kubernetes")
ROOT_STACK = "pulumi:pulumi:Stack"
# The engine loads a plugin for whatever is a provider; the tests over its protocol judge those.
OF_PROVIDERS = {
    "forbid-written-credentials",
    "require-cost-tags",
    "require-explicit-region",
    "require-iam-kubeconfig",
}
Entry = dict[str, Any]


@pytest.fixture
def bare(new_project: Callable[..., Project]) -> Project:
    """A project that talks to no cluster and no cloud."""
    return new_project(Path("/dev/null"))


def entries(prefix: str, stack: Mapping[str, Declared]) -> Iterator[Entry]:
    """The resources of a stack as the program takes them, each after those it comes from."""
    waiting = {name: each for name, each in stack.items() if each.type not in PROVIDERS}
    while waiting:
        ready = [
            name
            for name, each in waiting.items()
            if not any(origin in waiting for names in each.links.values() for origin in names)
        ]
        for name in ready:
            declared = waiting.pop(name)
            if declared.type != ROOT_STACK:
                yield {
                    "name": f"{prefix}-{name}",
                    "type": declared.type,
                    "custom": False,
                    "props": declared.props,
                    "links": {
                        key: [f"{prefix}-{origin}" for origin in names]
                        for key, names in declared.links.items()
                    },
                }


def violating(name: str) -> Iterator[Entry]:
    """What one rule complains of, in a namespace of its own so that nothing else makes up for it."""
    rule = BY_NAME[name]
    stack = stack_after(name, CASES[name].failing[0])
    if isinstance(rule, ResourceRule):
        stack = {
            key: each
            for key, each in stack.items()
            if rule.judge(resource(key, each), settings(rule)).complaints
        }
    apart = json.dumps(list(entries(name, stack)))
    for shared in ('"research"', '"agents"', "/agents/"):
        apart = apart.replace(shared, shared.replace(shared.strip('"/'), name))
    yield from json.loads(apart)


def run(project: Project, made: list[Entry], *options: str) -> Update:
    """A preview of a program that registers all of it."""
    project.program("")
    shutil.copyfile(PROGRAM, project.folder / "__main__.py")
    (project.folder / "resources.json").write_text(json.dumps(made))
    return project.preview(*options)


def said(update: Update) -> set[tuple[str, str]]:
    """Rule and level of everything that the pack has said."""
    events = (event["policyEvent"] for event in update.events if "policyEvent" in event)
    return {(event["policyName"], event["enforcementLevel"]) for event in events}


def test_each_rule_is_reached_through_the_engine(bare: Project, tmp_path: Path) -> None:
    reached = sorted(set(CASES) - OF_PROVIDERS)
    levels = tmp_path / "advisory.json"
    levels.write_text(
        json.dumps(
            {
                rule.name: {"enforcementLevel": "advisory", **OPTIONS.get(rule.name, {})}
                for rule in RULES
            }
            | {"forbid-expired-exemption": "advisory"}
        )
    )
    made = [entry for name in reached for entry in violating(name)]
    update = run(bare, made, "--policy-pack", str(PACK), "--policy-pack-config", str(levels))
    assert update.code == 0, update.output
    found = said(update)
    assert {rule.name for rule in RULES if rule.name not in OF_PROVIDERS} - {
        name for name, _ in found
    } == set()
    assert {level for _, level in found} == {"advisory"}


def test_what_keeps_every_rule_brings_no_word_through_the_engine(
    bare: Project, tmp_path: Path
) -> None:
    options = tmp_path / "options.json"
    options.write_text(json.dumps(OPTIONS))
    made = [*entries("cluster", world()), *entries("aws", aws_world())]
    update = run(bare, made, "--policy-pack", str(PACK), "--policy-pack-config", str(options))
    assert update.code == 0, update.output
    assert said(update) <= {("forbid-unused-exemption", "advisory")}


@pytest.mark.parametrize("name", ["service", "config"])
def test_a_rule_that_fails_fails_the_run(bare: Project, tmp_path: Path, name: str) -> None:
    pack = tmp_path / "policies"
    shutil.copytree(PACK, pack, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    break_a_rule(pack)
    wanted = {
        "service": "the rule forbid-nothing failed on kubernetes:core/v1:Service",
        "config": "the rule require-nothing failed on the stack",
    }
    environment = PACK / "environments" / "dev.json"
    options = ("--policy-pack", str(pack), "--policy-pack-config", str(environment))
    update = run(bare, list(entries("one", {name: world()[name]})), *options)
    assert update.code != 0
    assert wanted[name] in update.output


@pytest.mark.parametrize(
    ("provider", "props", "wanted"),
    [
        # Credentials are not among them: the provider of rehearsals takes none, and drops them.
        (PROVIDERS[0], {}, {"require-cost-tags", "require-explicit-region"}),
        (
            PROVIDERS[1],
            {"kubeconfig": json.dumps({"users": [{"user": {"token": "abc"}}]})},
            {"require-iam-kubeconfig"},
        ),
    ],
    ids=PROVIDERS,
)
def test_the_rules_on_providers_are_reached_through_the_engine(
    bare: Project, provider: str, props: dict[str, str], wanted: set[str]
) -> None:
    cluster = Entry(
        name="cluster", type="aws:eks/cluster:Cluster", custom=False, props={}, links={}
    )
    made = [Entry(name="given", type=provider, custom=True, props=props, links={}), cluster]
    update = run(bare, made, "--policy-pack", str(PACK))
    assert update.code != 0
    assert {name for name, _ in said(update)} >= wanted, update.output
