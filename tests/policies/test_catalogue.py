"""Promises over the whole catalogue: names, words, fixtures, environments, documentation."""

import importlib
import json
import pkgutil
import re

import pytest

import policies
from components import labels
from policies import document, exemptions, tenancy
from policies.adapter import OWN
from policies.catalogue import GROUPS, PROTECTION, RULES
from policies.rule import ResourceRule, Rule
from tests.policies.analyzer import PACK
from tests.policies.fixtures import CASES, JUDGED_BY_PRESENCE, JUDGED_BY_TYPE
from tests.policies.world import Declared, resource

LOCKED = (
    "Pod security: baseline",
    "Pod security: restricted and beyond",
    "Images",
)


def rule_parameters() -> list[object]:
    return [pytest.param(rule, id=rule.name) for rule in RULES]


def test_every_rule_that_a_module_defines_is_in_the_catalogue() -> None:
    defined = {
        value.name
        for module in pkgutil.walk_packages(policies.__path__, "policies.")
        if not module.name.endswith("__main__")
        for value in vars(importlib.import_module(module.name)).values()
        if isinstance(value, Rule)
    }
    assert defined == {rule.name for rule in RULES} | {rule.name for rule in OWN}


def test_no_two_rules_share_a_name() -> None:
    names = [rule.name for rule in RULES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("rule", rule_parameters())
def test_a_rule_says_what_it_asks_for_and_how_to_mend_it(rule: Rule) -> None:
    assert re.fullmatch(r"(require|forbid)(-[a-z]+)+", rule.name)
    assert re.fullmatch(r"[A-Z/].{15,}\.", rule.description)
    assert re.fullmatch(r".{10,}\.", rule.remedy, re.DOTALL)
    assert not rule.remedy[0].isupper(), "it goes on from `To mend it: `"


@pytest.mark.parametrize("rule", rule_parameters())
def test_a_rule_has_passing_failing_and_unknown_fixtures(rule: Rule) -> None:
    case = CASES[rule.name]
    # The stack that all fixtures start from passes every rule, so no rule lacks a passing one.
    assert case.failing
    assert bool(case.unknown) == (rule.name not in JUDGED_BY_TYPE | JUDGED_BY_PRESENCE)


def test_no_fixture_is_for_a_rule_that_does_not_exist() -> None:
    assert set(CASES) == {rule.name for rule in RULES}


def test_rules_judged_by_type_need_no_property_at_all() -> None:
    for rule in RULES:
        if rule.name in JUDGED_BY_TYPE:
            assert isinstance(rule, ResourceRule)
            for ((_, declared),) in CASES[rule.name].failing:
                assert isinstance(declared, Declared)
                bare = resource("bare", Declared(declared.type, {}))
                assert rule.judge(bare).complaints


@pytest.mark.parametrize("group", LOCKED)
def test_pod_security_and_images_are_mandatory_in_every_environment(group: str) -> None:
    assert all(rule.everywhere for rule in GROUPS[group])


@pytest.mark.parametrize("environment", sorted(document.load_environments()))
def test_an_environment_relaxes_only_rules_that_may_be_relaxed(environment: str) -> None:
    rules = {rule.name: rule for rule in RULES}
    for name, level in document.load_environments()[environment].items():
        assert name in rules, f"{name} is no rule"
        assert level == "mandatory" or not rules[name].everywhere, f"{name} is locked"


def test_every_stack_of_the_project_has_an_environment_of_its_own() -> None:
    stacks = {file.name.split(".")[1] for file in PACK.parent.glob("Pulumi.*.yaml")}
    assert stacks == set(document.load_environments())


def test_every_environment_names_its_registries() -> None:
    for file in (PACK / "environments").glob("*.json"):
        assert json.loads(file.read_text())["require-allowed-registry"]["registries"], file.name


def test_the_committed_exemptions_are_valid_and_narrow() -> None:
    entries = exemptions.read(rules=[rule.name for rule in RULES])
    assert entries
    rules = {rule.name: rule for rule in RULES}
    for entry in entries:
        assert rules[entry.rule].severity != "critical", entry


def test_the_documentation_is_what_the_rules_say() -> None:
    assert document.FILE.read_text(encoding="utf-8") == document.text(), (
        "run `python -m policies.document`"
    )


def test_the_documentation_of_the_benchmark_is_what_the_table_says() -> None:
    assert document.BENCHMARK.read_text(encoding="utf-8") == document.benchmark(), (
        "run `python -m policies.document`"
    )


def test_the_documentation_names_every_rule_once() -> None:
    text = document.text().partition("## Options")[0]
    for rule in (*RULES, *OWN):
        assert text.count(f"| `{rule.name}` |") == 1


def test_what_an_unprotected_stack_breaks_may_be_relaxed() -> None:
    rules = {rule.name: rule for rule in RULES}
    assert not any(rules[name].everywhere for name in PROTECTION)


def test_the_check_of_the_documentation_fails_on_a_stale_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert document.main(["--check"]) == 0
    monkeypatch.setattr(document, "FILE", document.ROOT / "docs" / "no-such-file.md")
    assert document.main(["--check"]) == 1
    assert "run `python -m policies.document`" in capsys.readouterr().err


def test_the_tenant_label_is_the_one_that_components_set() -> None:
    assert tenancy.TENANT == labels.TENANT


def test_environments_that_differ_show_in_the_documentation() -> None:
    relaxable = next(rule for rule in RULES if not rule.everywhere)
    told = document.level(relaxable, {"dev": {relaxable.name: "advisory"}, "prod": {}})
    assert told == "mandatory, advisory in dev"
