"""Unit: versions and names of launch templates."""

import pytest

from tests.moto import Moto
from tests.unit.toolchain.providers.aws.cases import CASES
from tests.unit.toolchain.providers.aws.cases.launch_templates import LAUNCH_TEMPLATE
from tests.unit.toolchain.providers.aws.stand_in import DEFAULT_TAGS, Engine, Inputs, Made, World

BIG = {"metadataOptions": {"httpTokens": "required"}, "instanceType": "m7g.xlarge"}
SMALL = {**BIG, "instanceType": "m7g.large"}


def versions(made: Made) -> tuple[int, int]:
    return made.outputs["defaultVersion"], made.outputs["latestVersion"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [({}, (1, 2)), ({"updateDefaultVersion": True}, (2, 2)), ({"defaultVersion": 1}, (1, 2))],
)
def test_a_change_is_a_new_version_and_the_default_one_where_asked(
    more: Inputs, expected: tuple[int, int], engine: Engine
) -> None:
    made = engine.make(LAUNCH_TEMPLATE, {**SMALL, **more})
    assert versions(made) == (1, 1)
    changed = engine.change(made, {**BIG, **more})
    assert versions(changed) == expected
    assert changed.outputs["instanceType"] == "m7g.xlarge"


def test_the_newest_version_can_become_the_default_one_later(engine: Engine) -> None:
    made = engine.make(LAUNCH_TEMPLATE, SMALL)
    changed = engine.change(made, BIG)
    promoted = engine.change(changed, {**BIG, "updateDefaultVersion": True})
    assert versions(promoted) == (2, 2)


def test_new_tags_of_a_template_are_no_new_version_and_reach_no_machine(
    engine: Engine, aws: Moto
) -> None:
    made = World(engine, CASES)[LAUNCH_TEMPLATE]
    changed = engine.change(made, {**made.inputs, "tags": {"team": "a"}})
    assert versions(changed) == (1, 1)
    assert changed.outputs["tagsAll"] == {**DEFAULT_TAGS, "team": "a"}
    (version,) = aws.client("ec2").describe_launch_template_versions(
        LaunchTemplateId=made.id, Versions=["$Latest"]
    )["LaunchTemplateVersions"]
    specified = version["LaunchTemplateData"]["TagSpecifications"]
    assert [each["ResourceType"] for each in specified] == ["instance"]


def test_a_name_is_given_begun_or_made_of_the_resources(engine: Engine) -> None:
    given = engine.make(LAUNCH_TEMPLATE, {**SMALL, "name": "given"}, name="a")
    begun = engine.make(LAUNCH_TEMPLATE, {**SMALL, "namePrefix": "begun-"}, name="b")
    neither = [engine.make(LAUNCH_TEMPLATE, SMALL, name="c") for _ in range(2)]
    assert given.outputs["name"] == "given"
    assert begun.outputs["name"].startswith("begun-")
    assert len(begun.outputs["name"]) == len("begun-") + 26
    names = {each.outputs["name"] for each in neither}
    assert len(names) == 2
    assert all(name.startswith("c-") for name in names)
