"""What a change costs: as the policy reckons it, and never a saving that nobody knows of."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.cost import estimate
from policies.prices import load
from review.costs import costs
from review.model import SECRET, Costs, Operation
from review.steps import Step
from tests.policies.aws_world import aws_world
from tests.policies.world import ABSENT, UNKNOWN, Change, Declared, changed, judged, world
from tests.review.figures.made import patient, step, steps, urn

PRICES: Final = load()
HERE: Final = PRICES.regions["eu-central-1"]
HOURS: Final = PRICES.hours_per_month
KEY: Final = "aws:kms/key:Key"
CLASS: Final = ("database", "instanceClass")
SIZE: Final = ("nodes", "scalingConfig", "desiredSize")
NODES: Final = urn("aws:eks/nodeGroup:NodeGroup", "nodes")


def after(*changes: tuple[tuple[str | int, ...], object]) -> Costs:
    """What the stack of the policies' fixtures costs before and after changes."""
    found = costs(steps(aws_world(), changed(changes, aws_world())))
    assert found is not None
    return found


def only(*given: Step) -> Costs:
    """The costs of a stack that consists of these."""
    found = costs(given)
    assert found is not None
    return found


def test_a_stack_that_nothing_is_paid_for_has_no_costs() -> None:
    assert costs([]) is None
    assert costs(steps(world())) is None
    assert costs([step("pulumi:providers:aws", Operation.SAME, {"region": "eu-central-1"})]) is None


def test_a_new_stack_costs_what_the_policy_says_it_does() -> None:
    created = costs(steps({}, aws_world()))
    assert created is not None
    assert (created.before, created.undecided, created.unpriced) == (0, 0, ())
    assert created.after == pytest.approx(estimate(judged(aws_world()).resources).monthly)
    assert (created.currency, created.as_of) == (PRICES.currency, PRICES.as_of)


def test_what_stays_the_same_is_no_difference() -> None:
    found = after()
    assert found.before == found.after > 0
    assert found.by_resource == {}


def test_a_node_more_costs_its_machine_and_its_disks() -> None:
    found = after((SIZE, 4))
    disks = 50 + PRICES.assumptions["image_disk_gb"]
    one = HERE.machines["m7g.large"] * HOURS + disks * HERE.monthly["disk_gb"]
    assert found.by_resource == {NODES: pytest.approx(one)}
    assert found.difference == pytest.approx(one)


def test_larger_disks_in_a_template_are_told_of_the_nodes_that_have_them() -> None:
    found = after((("template", "blockDeviceMappings", 1, "ebs", "volumeSize"), 60))
    assert found.by_resource == {NODES: pytest.approx(3 * 10 * HERE.monthly["disk_gb"])}


@pytest.mark.parametrize("value", [UNKNOWN, SECRET])
def test_a_price_that_is_known_on_one_side_only_is_no_saving(value: str) -> None:
    found = after((CLASS, value))
    assert (found.difference, found.by_resource, found.undecided) == (0, {}, 1)
    assert found.before == after().before


def test_what_is_priced_before_a_value_that_nobody_knows_is_paid_for_all_the_same() -> None:
    kind = "aws:eks/nodeGroup:NodeGroup"
    small = {"instanceTypes": ["m7g.large"], "scalingConfig": {"desiredSize": 1}, "diskSize": 20}
    large = {**small, "scalingConfig": {"desiredSize": 4}, "diskSize": UNKNOWN}
    machine = HERE.machines["m7g.large"] * HOURS
    assert only(step(kind, Operation.CREATE, large)).difference == pytest.approx(4 * machine)
    grown = only(step(kind, Operation.UPDATE, small, large))
    disk = 20 * HERE.monthly["disk_gb"]
    assert grown.difference == pytest.approx(3 * machine - disk)
    assert grown.untold == {urn(kind, "one"): "it hangs on a value that the preview does not tell"}
    shrunk = only(step(kind, Operation.UPDATE, large, small))
    assert shrunk.difference == -grown.difference


def test_parts_that_are_known_on_one_side_only_are_no_saving() -> None:
    hidden = changed(
        ((("template", "blockDeviceMappings", 1, "ebs", "volumeSize"), UNKNOWN),), aws_world()
    )
    strange = changed(((("nodes", "instanceTypes"), ["p5.48xlarge"]),), hidden)
    found = costs(steps(hidden, strange))
    assert found is not None
    assert found.difference == 0


def test_a_changed_machine_without_a_price_is_named_with_the_reason() -> None:
    found = after((("nodes", "instanceTypes"), ["p5.48xlarge"]))
    assert found.difference == 0
    assert found.untold == {NODES: "the table of prices lacks aws:eks/NodeGroup p5.48xlarge"}


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        (Operation.CREATE, True),
        (Operation.UPDATE, True),
        (Operation.REPLACE, True),
        (Operation.OTHER, True),
        (Operation.SAME, False),
        (Operation.DELETE, False),
        (Operation.FORGET, False),
        (Operation.IMPORT, False),
        (Operation.READ, False),
    ],
)
def test_only_what_the_change_touches_makes_its_price_doubtful(
    operation: Operation, told: bool
) -> None:
    found = only(step("aws:msk/cluster:Cluster", operation))
    assert bool(found.untold) is told


def test_a_price_that_the_change_hides_elsewhere_is_told_of_what_stays_the_same() -> None:
    found = after((("template", "blockDeviceMappings", 1, "ebs", "volumeSize"), UNKNOWN))
    assert found.untold.keys() == {NODES}


def test_a_secret_in_a_list_is_no_machine_of_that_name() -> None:
    found = after((("nodes", "instanceTypes"), [SECRET]))
    assert (found.difference, found.undecided, found.unpriced) == (0, 1, ())


@pytest.mark.parametrize("path", [CLASS, SIZE, ("cache", "nodeType")])
def test_what_stays_the_same_costs_the_same_though_nobody_knows_what(path: tuple[str, ...]) -> None:
    hidden = changed(((path, UNKNOWN),), aws_world())
    found = costs(steps(hidden))
    assert found is not None
    assert (found.difference, found.by_resource, found.undecided) == (0, {}, 1)
    assert found.before < after().before


def test_what_stays_the_same_is_priced_by_what_is_known_of_it() -> None:
    known = {"instanceClass": "db.m7g.large", "allocatedStorage": 100}
    asked = {**known, "instanceClass": UNKNOWN}
    found = only(step("aws:rds/instance:Instance", Operation.SAME, known, asked))
    assert (found.difference, found.undecided) == (0, 0)
    assert found.after > 0


def test_a_change_of_a_kind_without_a_price_is_no_saving_either() -> None:
    found = after((CLASS, "db.m99.mega"))
    assert (found.difference, found.by_resource) == (0, {})
    assert found.unpriced == ("aws:rds/Instance db.m99.mega",)


def test_a_region_that_is_not_known_decides_nothing() -> None:
    found = after((("aws-provider", "region"), UNKNOWN))
    assert (found.difference, found.by_resource) == (0, {})
    assert found.undecided == len(estimate(judged(aws_world()).resources).resources)


def test_a_deleted_database_is_a_saving() -> None:
    found = after((("database",), ABSENT))
    database = urn("aws:rds/instance:Instance", "database")
    assert found.by_resource.keys() == {database}
    assert found.difference == found.by_resource[database] < 0


@pytest.mark.parametrize(
    ("operation", "before", "later"),
    [
        (Operation.CREATE, 0, 1),
        (Operation.DELETE, 1, 0),
        (Operation.REPLACE, 1, 1),
        (Operation.IMPORT, 1, 1),
        (Operation.FORGET, 1, 1),
        (Operation.READ, 0, 0),
    ],
)
def test_what_only_enters_or_leaves_the_state_is_paid_for_all_the_same(
    operation: Operation, before: int, later: int
) -> None:
    found = only(step(KEY, operation))
    assert (found.before, found.after) == (
        before * HERE.monthly["key"],
        later * HERE.monthly["key"],
    )


def test_an_old_copy_that_waits_for_its_deletion_is_not_paid_for_twice() -> None:
    found = only(step(KEY, Operation.DELETE, leftover=True))
    assert (found.before, found.after) == (0, 0)


def test_components_cost_nothing_and_names_may_have_colons() -> None:
    named = step(KEY, Operation.CREATE, name="a::b")
    found = only(named, step("aws:kms/key:Key", Operation.CREATE, name="c", custom=False))
    assert found.by_resource == {named.urn: HERE.monthly["key"]}


VALUES: Final[Mapping[tuple[str | int, ...], Sequence[object]]] = {
    SIZE: (1, 2, 7, UNKNOWN),
    CLASS: ("db.m7g.large", "db.m99.mega", UNKNOWN, SECRET),
    ("database", "multiAz"): (True, False, UNKNOWN),
    ("cache", "nodeType"): ("cache.t4g.small", UNKNOWN),
    ("template", "blockDeviceMappings", 1, "ebs", "volumeSize"): (20, 500, UNKNOWN),
    ("balancer", "internal"): (True, False, UNKNOWN),
    ("aws-provider", "region"): ("eu-central-1", "mars-north-1", UNKNOWN),
}
GONE: Final = ("nat", "key", "repository", "firewall")


@st.composite
def stacks(draw: st.DrawFn) -> Mapping[str, Declared]:
    """The stack of the fixtures, of other sizes, with values that nobody knows, and without a part."""
    change: Change = tuple(
        (path, draw(st.sampled_from(values)))
        for path, values in VALUES.items()
        if draw(st.booleans())
    )
    without = tuple(((name,), ABSENT) for name in GONE if draw(st.booleans()))
    return changed((*change, *without), aws_world())


def swapped(one: Step) -> Step:
    """The step back."""
    back = {Operation.CREATE: Operation.DELETE, Operation.DELETE: Operation.CREATE}
    return replace(one, old=one.new, new=one.old, operation=back.get(one.operation, one.operation))


@patient
@given(before=stacks(), later=stacks())
def test_the_difference_is_that_of_all_resources_together(
    before: Mapping[str, Declared], later: Mapping[str, Declared]
) -> None:
    found = only(*steps(before, later))
    assert found.difference == pytest.approx(sum(found.by_resource.values()), abs=1e-6)
    assert 0 not in found.by_resource.values()
    assert found.before >= 0 <= found.after


@patient
@given(before=stacks(), later=stacks())
def test_the_way_back_costs_what_the_way_there_saves(
    before: Mapping[str, Declared], later: Mapping[str, Declared]
) -> None:
    there = only(*steps(before, later))
    back = only(*(swapped(one) for one in steps(before, later)))
    assert (back.before, back.after) == (there.after, there.before)
    assert back.by_resource == {urn: -price for urn, price in there.by_resource.items()}
    assert (back.undecided, back.unpriced) == (there.undecided, there.unpriced)


@patient
@given(stack=stacks(), order=st.randoms(use_true_random=False))
def test_the_order_of_the_steps_does_not_matter(
    stack: Mapping[str, Declared], order: Random
) -> None:
    told = steps(stack, aws_world())
    mixed = [*told]
    order.shuffle(mixed)
    assert only(*mixed) == only(*told)
