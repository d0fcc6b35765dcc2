"""The report for programs: all of a review, in names that stay, in a form that is written down."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from review.document import as_json, document, schema
from review.gates import judge, parse
from review.model import Costs, Finding, Notice, Operation, Policies, Property, Resource, Review
from tests.review import samples, strategies
from tests.review.figures.made import patient

EVERYTHING: Final = "replace,delete,change,policy,cost:100"
SAMPLES: Final = (
    *(samples.creation, samples.image_change, samples.replaced_database),
    *(samples.deleted_balancer, samples.broken_policies, samples.failed),
    *(samples.incomplete, samples.crashed_pack, samples.nothing_changed),
)
NAMES: Final = {
    "": {"version", "summary", "verdict", "stacks"},
    "Summary": {
        *("outcomes", "counts", "unchanged", "losses", "findings", "unjudged", "monthly"),
    },
    "Monthly": {"currency", "before", "after", "difference"},
    "Judgement": {"code", "asked", "hits"},
    "Hit": {"stack", "gate", "text"},
    "Stack": {
        *("stack", "outcome", "compared_with", "seconds", "counts", "unchanged", "resources"),
        *("outputs", "policies", "notices", "costs", "remarks"),
    },
    "Resource": {
        *("urn", "type", "name", "parent", "custom", "operation", "operation_text"),
        *("properties", "deletes_first", "protected", "retained", "loss", "source"),
        *("needs_before", "needs_after"),
    },
    "Property": {"path", "change", "before", "after", "replaces"},
    "Policies": {"packs", "failed", "findings", "undecided"},
    "Finding": {"policy", "pack", "level", "severity", "urn", "reason", "remediation"},
    "Notice": {"weight", "urn", "text"},
    "Costs": {
        *("currency", "as_of", "before", "after", "difference", "by_resource", "unpriced"),
        "undecided",
    },
}
"""Names that programs rely on in version 1. More may come; none may go."""
VALIDATOR: Final = Draft202012Validator(schema())


def made(*reviews: Review) -> dict[str, Any]:
    """The document of these reviews."""
    return document(reviews, judge(reviews, parse(EVERYTHING)))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())
    assert schema()["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize("part", NAMES)
def test_no_name_goes_and_each_is_always_there(part: str) -> None:
    whole = schema()
    described = whole["$defs"][part] if part else whole
    assert described["properties"].keys() >= NAMES[part]
    assert set(described["required"]) >= NAMES[part]
    assert schema()["properties"]["version"]["const"] == 1


@pytest.mark.parametrize(
    ("part", "model"),
    [
        ("Stack", Review),
        ("Resource", Resource),
        ("Property", Property),
        ("Policies", Policies),
        ("Finding", Finding),
        ("Notice", Notice),
        ("Costs", Costs),
    ],
)
def test_nothing_of_a_review_is_left_out(part: str, model: type[Any]) -> None:
    fields = {field.name for field in dataclasses.fields(model)}
    assert schema()["$defs"][part]["properties"].keys() >= fields


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_document_keeps_to_its_schema(sample: Callable[[], Review]) -> None:
    VALIDATOR.validate(made(sample()))


def test_the_schema_refuses_what_is_no_report() -> None:
    right = made(samples.broken_policies())
    for wrong in (
        {**right, "version": 2},
        {**right, "stacks": [{**right["stacks"][0], "outcome": "well"}]},
        {**right, "stacks": [{k: v for k, v in right["stacks"][0].items() if k != "resources"}]},
        {**right, "summary": {**right["summary"], "losses": "many"}},
    ):
        assert not VALIDATOR.is_valid(wrong)


def test_a_document_says_what_the_review_says() -> None:
    review = samples.replaced_database()
    told = made(review)
    (stack,) = told["stacks"]
    server = next(one for one in stack["resources"] if one["name"] == "postgres-instance")
    assert server["type"] == "aws:rds/instance:Instance"
    assert (server["operation"], server["loss"], server["protected"]) == (
        "replace",
        "its data",
        True,
    )
    assert server["properties"][0] == {
        "path": "storageEncrypted",
        "change": "changed",
        "before": "false",
        "after": "true",
        "replaces": True,
    }
    assert stack["counts"] == {"replace": 1, "update": 1}
    assert stack["costs"]["difference"] == 392.0
    assert stack["costs"]["by_resource"] == {server["urn"]: 392.0}


def test_the_summary_is_of_all_stacks() -> None:
    told = made(samples.replaced_database(), samples.broken_policies(), samples.crashed_pack("dev"))
    assert told["summary"] == {
        "outcomes": {"succeeded": 3},
        "counts": {"replace": 1, "create": 4, "update": 2},
        "unchanged": 1,
        "losses": 1,
        "findings": {"mandatory": 2, "advisory": 1},
        "unjudged": 1,
        "monthly": {"currency": "USD", "before": 1204.25, "after": 2008.75, "difference": 804.5},
    }
    assert told["verdict"]["code"] == 3
    assert told["verdict"]["asked"] == EVERYTHING
    assert {"stack": "prod", "gate": "replace", "text": "it would replace postgres-instance"} in (
        told["verdict"]["hits"]
    )


def test_costs_in_two_currencies_are_not_added_up() -> None:
    dollars = samples.replaced_database()
    assert dollars.costs is not None
    euros = dataclasses.replace(dollars, costs=dataclasses.replace(dollars.costs, currency="EUR"))
    assert made(dollars, euros)["summary"]["monthly"] is None
    assert made(samples.image_change())["summary"]["monthly"] is None


def test_money_has_no_more_digits_than_it_needs() -> None:
    review = dataclasses.replace(samples.nothing_changed(), costs=samples.costs(0.1, 0.1 + 0.2, {}))
    costs = made(review)["stacks"][0]["costs"]
    assert (costs["before"], costs["after"], costs["difference"]) == (0.1, 0.3, 0.2)


def test_what_a_resource_needs_is_listed_in_order() -> None:
    component = samples.component("dev", "all", samples.AGENT)
    one = samples.resource(component, "one", "kubernetes:core/v1:Secret", Operation.CREATE)
    needing = dataclasses.replace(one, needs_after=frozenset({"c", "a", "b"}))
    (stack,) = made(samples.review("dev", [needing]))["stacks"]
    assert stack["resources"][0]["needs_after"] == ["a", "b", "c"]


def test_half_a_character_does_not_break_the_document() -> None:
    review = dataclasses.replace(samples.nothing_changed(), remarks=("half \ud83d a crab",))
    assert made(review)["stacks"][0]["remarks"] == ["half ? a crab"]


@patient
@given(reviews=st.lists(strategies.reviews(), max_size=2))
def test_whatever_a_review_holds_its_document_keeps_to_the_schema(reviews: list[Review]) -> None:
    text = as_json(reviews, judge(reviews, parse(EVERYTHING)))
    told = json.loads(text)
    VALIDATOR.validate(told)
    assert told == made(*reviews)
    assert len(told["stacks"]) == len(reviews)
    for review, stack in zip(reviews, told["stacks"], strict=True):
        assert len(stack["resources"]) == len(review.resources)
        assert sum(stack["counts"].values()) == len(review.changed)
