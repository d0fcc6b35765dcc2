"""Gates: what is asked for is found, what is not is let through, and a failed preview never passes."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.gates import FAILED, HELP, HIT, OK, PREVIEW, Gate, GateError, Gates, Hit, judge, parse
from review.model import Level, Operation, Outcome, Policies, Review
from tests.review import samples, strategies
from tests.review.figures.made import patient

gates = st.builds(
    Gates,
    named=st.frozensets(st.sampled_from(Gate)),
    cost=st.none() | st.floats(0, 1e308, allow_nan=False, allow_infinity=False),
)


def hits(review: Review, asked: str) -> list[str]:
    """Which gates are hit by one review."""
    return [hit.gate for hit in judge([review], parse(asked)).hits]


@patient
@given(asked=gates)
def test_a_list_means_the_same_when_it_is_written_and_read_again(asked: Gates) -> None:
    assert parse(str(asked)) == asked


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", Gates()),
        ("  ", Gates()),
        ("replace", Gates(named=frozenset({Gate.REPLACE}))),
        (" Policy , policy", Gates(named=frozenset({Gate.POLICY}))),
        ("cost:0", Gates(cost=0)),
        ("delete,cost:99.5", Gates(named=frozenset({Gate.DELETE}), cost=99.5)),
    ],
)
def test_a_list_is_read(text: str, wanted: Gates) -> None:
    assert parse(text) == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("delte", r"got 'delte' \(did you mean delete\?\), wanted a list of replace, delete"),
        ("replace,", r"got '', wanted a list"),
        ("failed", r"got 'failed'.*such as replace,policy,cost:100"),
        ("preview", r"got 'preview'"),
        ("cost", r"got 'cost', wanted an amount by the month"),
        ("cost:", r"got 'cost:', wanted an amount"),
        ("cost:much", r"got 'cost:much', wanted an amount"),
        ("cost:-1", r"got 'cost:-1', wanted an amount by the month of 0 or more"),
        ("cost:nan", r"got 'cost:nan'"),
        ("cost:inf", r"got 'cost:inf'"),
        ("cost:1,cost:2", r"got cost:1 and cost:2, wanted cost once"),
        ("costs:1", r"got 'costs:1' \(did you mean cost\?\)"),
    ],
)
def test_what_is_no_list_is_refused_with_what_can_be_asked_for(text: str, said: str) -> None:
    with pytest.raises(GateError, match=said):
        parse(text)


def test_the_help_names_all_that_can_be_asked_for() -> None:
    assert all(f"{gate}," in HELP for gate in Gate)
    assert "cost:AMOUNT" in HELP


@pytest.mark.parametrize(
    ("review", "wanted"),
    [
        (samples.nothing_changed(), set[str]()),
        (samples.image_change(), {"update", "change"}),
        (samples.creation(), {"create", "change", "cost"}),
        (samples.replaced_database(), {"replace", "update", "loss", "change", "cost"}),
        (samples.deleted_balancer(), {"delete", "forget", "loss", "change"}),
        (
            samples.broken_policies(),
            {"create", "change", "policy", "advisory", "undecided", "cost"},
        ),
        (samples.crashed_pack(), {"update", "change", "policy"}),
        (samples.failed(), {PREVIEW, "update", "change"}),
        (samples.incomplete(), {PREVIEW, "update", "change", "policy"}),
    ],
    ids=lambda value: value.stack if isinstance(value, Review) else "",
)
def test_each_gate_finds_what_it_is_for(review: Review, wanted: set[str]) -> None:
    everything = str(Gates(named=frozenset(Gate), cost=100))
    assert set(hits(review, everything)) == wanted
    for gate in (*Gate, "cost:100"):
        own = {gate.partition(":")[0]} & wanted | {PREVIEW} & wanted
        assert set(hits(review, gate)) == own


def test_a_stack_may_get_dearer_by_what_was_asked_for_and_no_more() -> None:
    dearer = samples.replaced_database()
    assert hits(dearer, "cost:392") == []
    assert hits(dearer, "cost:391.99") == ["cost"]
    (hit,) = judge([dearer], parse("cost:100")).hits
    assert hit.text == ("it gets dearer by 392.00 USD a month, and 100.00 at most was asked for")


def test_each_stack_is_judged_by_itself_what_it_costs_too() -> None:
    both = [samples.replaced_database("dev"), samples.replaced_database("prod")]
    assert judge(both, parse("cost:500")).code == OK
    assert [hit.stack for hit in judge(both, parse("cost:300")).hits] == ["dev", "prod"]


def test_a_stack_that_gets_cheaper_never_costs_too_much() -> None:
    assert hits(samples.deleted_balancer(), "cost:0") == []


def test_a_price_that_nobody_can_tell_is_more_than_any_that_was_asked_for() -> None:
    calm = samples.nothing_changed()
    made = samples.costs(10, 10, {})
    urns = [f"urn:pulumi:dev::project::aws:eks/nodeGroup:NodeGroup::{n}" for n in "abcd"]
    doubtful = dataclasses.replace(made, untold=dict.fromkeys(urns, "unpriced"))
    review = dataclasses.replace(calm, costs=doubtful)
    assert hits(review, "change,update") == []
    (hit,) = judge([review], parse("cost:100000")).hits
    assert hit.gate == "cost"
    assert hit.text == (
        "what it costs cannot be told: a (unpriced), b (unpriced), c (unpriced) and 1 more"
    )


def test_a_preview_against_what_nobody_wanted_fails_with_the_reason() -> None:
    review = dataclasses.replace(
        samples.creation(), outcome=Outcome.INCOMPLETE, incomplete="main could not be run"
    )
    found = judge([review], Gates())
    assert found.code == FAILED
    assert [hit.text for hit in found.hits] == [
        "the preview does not show the change: main could not be run"
    ]


def test_changed_outputs_are_a_change_though_no_resource_changes() -> None:
    exported = (samples.changed("url", "a", "b"),)
    review = dataclasses.replace(samples.nothing_changed(), outputs=exported)
    assert judge([review], parse("change")).hits == (
        Hit(stack="dev", gate="change", text="it would change 1 of its outputs"),
    )


def test_a_hit_names_three_resources_and_counts_the_rest() -> None:
    component = samples.component("dev", "all", samples.AGENT)
    made = [
        samples.resource(component, name, "kubernetes:core/v1:Secret", Operation.DELETE)
        for name in ("a", "b", "c", "d", "e")
    ]
    (hit,) = judge([samples.review("dev", made)], parse("delete")).hits
    assert hit.text == "it would delete a, b, c and 2 more"


def test_a_pack_that_did_not_judge_is_told_with_what_another_found() -> None:
    subject = samples.replaced_database().changed[0]
    found = samples.finding(subject, "require-multi-zone", Level.MANDATORY, "high", "no")
    policies = Policies(failed="it crashed", findings=(found,))
    (hit,) = judge([samples.review("dev", [], policies=policies)], parse("policy")).hits
    assert "did not judge it: it crashed" in hit.text
    assert "mandatory policies are broken: require-multi-zone" in hit.text


def test_each_outcome_has_an_exit_code_of_its_own() -> None:
    calm, broken, failed = samples.nothing_changed(), samples.crashed_pack(), samples.failed()
    assert judge([], parse("change")).code == OK
    assert judge([calm], parse("policy")).code == OK
    assert judge([calm, broken], parse("policy")).code == HIT
    assert judge([calm, broken, failed], parse("policy")).code == FAILED
    assert len({OK, FAILED, HIT, 2}) == 4


@patient
@given(review=strategies.reviews(), asked=gates)
def test_a_preview_that_failed_fails_whatever_is_asked_and_no_other_does(
    review: Review, asked: Gates
) -> None:
    code = judge([review], asked).code
    assert (code == FAILED) == (review.outcome is not Outcome.SUCCEEDED)
    assert judge([review], Gates()).code == (OK if review.outcome is Outcome.SUCCEEDED else FAILED)


@patient
@given(reviews=st.lists(strategies.reviews(), max_size=2), asked=gates, more=gates)
def test_who_asks_for_more_finds_no_less(reviews: list[Review], asked: Gates, more: Gates) -> None:
    limits = [each.cost for each in (asked, more) if each.cost is not None]
    stricter = Gates(named=asked.named | more.named, cost=min(limits, default=None))
    found = {(hit.stack, hit.gate) for hit in judge(reviews, asked).hits}
    assert found <= {(hit.stack, hit.gate) for hit in judge(reviews, stricter).hits}
