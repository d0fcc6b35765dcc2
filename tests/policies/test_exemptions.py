"""Exemptions as data: what the file may say, and what an entry covers."""

from datetime import date
from pathlib import Path

import pytest

from policies.exemptions import Exemption, ExemptionsError, Register, read
from policies.resource import Resource
from policies.rule import Complaint

TODAY = date(2026, 11, 21)
ENTRY = Exemption(
    rule="forbid-exposed-service",
    type="kubernetes:core/v1:Service",
    name="gateway-service",
    stacks=("dev",),
    reason="The local cluster has no load balancer.",
    owner="platform",
    expires=TODAY,
)
VALID = """
exemptions:
  - rule: forbid-exposed-service
    type: kubernetes:core/v1:Service
    name: gateway-service
    reason: The local cluster has no load balancer.
    owner: platform
    expires: 2027-01-01
"""


def complaint(
    *, kind: str = ENTRY.type, name: str = ENTRY.name, stack: str = "dev", part: str = ""
) -> Complaint:
    urn = f"urn:pulumi:{stack}::agent-platform::{kind}::{name}"
    return Complaint(Resource(kind, name, urn, {}), part, "type is NodePort")


def entry(**changes: object) -> Exemption:
    return ENTRY.model_copy(update=changes)


def written(folder: Path, text: str) -> Path:
    file = folder / "exemptions.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_entry_covers_exactly_its_rule_type_name_and_stack() -> None:
    assert ENTRY.matches(ENTRY.rule, complaint())
    assert not ENTRY.matches("forbid-external-addresses", complaint())
    assert not ENTRY.matches(ENTRY.rule, complaint(kind="kubernetes:core/v1:Pod"))
    assert not ENTRY.matches(ENTRY.rule, complaint(name="other-service"))
    assert not ENTRY.matches(ENTRY.rule, complaint(stack="prod"))


def test_a_part_narrows_an_entry_to_that_part() -> None:
    narrowed = entry(part="container app")
    assert narrowed.matches(ENTRY.rule, complaint(part="container app"))
    assert not narrowed.matches(ENTRY.rule, complaint(part="container other"))
    assert not narrowed.matches(ENTRY.rule, complaint())


def test_a_star_stands_for_the_part_of_a_name_that_differs() -> None:
    roles = entry(name="gateway-*-role")
    assert roles.matches(ENTRY.rule, complaint(name="gateway-0-role"))
    assert not roles.matches(ENTRY.rule, complaint(name="tenant-0-role"))


def test_an_entry_holds_on_its_last_day_and_not_after() -> None:
    assert Register([ENTRY], TODAY).holding(ENTRY.rule, complaint()) == ENTRY
    after = Register([ENTRY], date(2026, 11, 22))
    assert after.holding(ENTRY.rule, complaint()) is None
    assert after.expired(ENTRY.rule, complaint()) == ENTRY


def test_a_later_entry_stands_in_for_an_expired_one() -> None:
    renewed = entry(expires=date(2027, 11, 21))
    register = Register([ENTRY, renewed], date(2026, 11, 22))
    assert register.holding(ENTRY.rule, complaint()) == renewed


def test_an_entry_is_unused_until_a_complaint_needs_it() -> None:
    register = Register([ENTRY], TODAY)
    assert list(register.unused("dev")) == [ENTRY]
    register.holding(ENTRY.rule, complaint())
    assert list(register.unused("dev")) == []


def test_an_entry_for_another_stack_is_not_called_unused() -> None:
    assert list(Register([ENTRY], TODAY).unused("prod")) == []


def test_a_valid_file_is_read(tmp_path: Path) -> None:
    found = read(written(tmp_path, VALID), rules=[ENTRY.rule])
    assert [str(each) for each in found] == [
        "forbid-exposed-service for kubernetes:core/v1:Service gateway-service"
    ]


def test_an_empty_file_holds_no_exemption(tmp_path: Path) -> None:
    assert read(written(tmp_path, ""), rules=[]) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (VALID.replace("owner:", "boss:"), r"exemptions\.0\.owner: Field required"),
        (VALID.replace("owner:", "boss:"), r"exemptions\.0\.boss: Extra inputs are not permitted"),
        (VALID.replace("2027-01-01", "soon"), r"exemptions\.0\.expires: .*got 'soon'"),
        (VALID.replace("The local cluster has no load balancer.", "because"), r"0\.reason"),
        (VALID.replace("kubernetes:core/v1:Service", '"*"'), r"exemptions\.0\.type"),
        (VALID.replace("gateway-service", '"*"'), r"exemptions\.0\.name"),
        (VALID.replace("forbid-exposed-service", "forbid-everything"), "no rule forbid-everything"),
        (VALID.replace("exemptions:", "exceptions:"), "the key exceptions is not known"),
        ("exemptions: [", "cannot be read"),
        ("- a list", "has faults"),
    ],
)
def test_a_faulty_file_is_refused_with_place_and_fault(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(ExemptionsError, match=words):
        read(written(tmp_path, text), rules=[ENTRY.rule])


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExemptionsError, match="cannot be read"):
        read(tmp_path / "exemptions.yaml", rules=[])
