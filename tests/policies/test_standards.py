"""What others ask for is asked for here: the benchmark's controls, other tools' checks."""

import re

import pytest

from policies.catalogue import RULES
from policies.rule import cis
from policies.standards import Covered
from policies.standards.checks import CHECKS
from policies.standards.cis_eks import CONTROLS

NAMES = {rule.name for rule in RULES}
# How many controls each section of the benchmark has.
SECTIONS = {
    "2.1": 2,
    "3.1": 4,
    "3.2": 9,
    "4.1": 8,
    "4.2": 5,
    "4.3": 2,
    "4.4": 2,
    "4.5": 2,
    "5.1": 4,
    "5.2": 1,
    "5.3": 1,
    "5.4": 5,
    "5.5": 1,
}
EVERYTHING = [
    pytest.param(entry, id=f"{source} {entry.id}")
    for source, entries in {"CIS": CONTROLS, **CHECKS}.items()
    for entry in entries
]


def test_every_control_of_the_benchmark_is_there_once_and_in_order() -> None:
    wanted = [
        f"{section}.{number}"
        for section, count in SECTIONS.items()
        for number in range(1, count + 1)
    ]
    assert [control.id for control in CONTROLS] == wanted
    assert len(wanted) == 46


def test_every_subject_of_the_benchmark_is_judged_by_a_rule() -> None:
    assert all(control.rules for control in CONTROLS)


@pytest.mark.parametrize("entry", EVERYTHING)
def test_what_is_covered_names_rules_that_exist_or_says_why_not(entry: Covered) -> None:
    assert set(entry.rules) <= NAMES
    assert entry.rules or len(entry.why) > 20


def test_a_rule_that_refers_to_a_control_stands_in_the_table_under_it() -> None:
    table = {control.id: control.rules for control in CONTROLS}
    framework = cis("").framework
    for rule in RULES:
        if rule.reference is None or rule.reference.framework != framework:
            continue
        number = re.match(r"[\d.]+", rule.reference.reference)
        assert number is not None
        under = [
            rules for control, rules in table.items() if f"{control}.".startswith(f"{number[0]}.")
        ]
        assert under, f"{rule.name} refers to {number[0]}, which is no control"
        assert any(rule.name in rules for rules in under), rule.name


def test_no_check_of_a_tool_is_there_twice() -> None:
    for tool, entries in CHECKS.items():
        found = [entry.id for entry in entries]
        assert len(found) == len(set(found)), tool
