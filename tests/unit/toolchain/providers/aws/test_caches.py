"""Unit: what AWS refuses of a cache and its users, so that a rehearsal does as well."""

from typing import Any

import pytest

from tests.unit.toolchain.providers.aws.cases import CASES
from tests.unit.toolchain.providers.aws.cases.caches import (
    CACHE,
    FIRST,
    PARAMETERS,
    SECOND,
    USER,
    USERS,
)
from tests.unit.toolchain.providers.aws.stand_in import Engine, Inputs, Made, Refused, World
from toolchain.providers.aws.types.cache_users import user_faults
from toolchain.providers.aws.types.caches import cache_faults

SAMPLE: Inputs = {
    "engine": "valkey",
    "userId": "reader",
    "userName": "reader",
    "accessString": "on ~* +@all",
    "passwords": [FIRST],
}


@pytest.fixture
def made(engine: Engine) -> Made:
    return engine.make(CACHE, CASES[CACHE].inputs(World(engine, CASES)))


def user(engine: Engine, name: str, **changes: object) -> Made:
    return engine.make(USER, {**SAMPLE, "userId": name, "userName": name, **changes}, name=name)


def test_members_follow_the_number_of_nodes(engine: Engine, made: Made) -> None:
    names = [f"{made.id}-001", f"{made.id}-002"]
    assert made.outputs["memberClusters"] == names
    more = engine.change(made, {**made.inputs, "numCacheClusters": 3})
    assert more.outputs["memberClusters"] == [*names, f"{made.id}-003"]
    assert more.outputs["primaryEndpointAddress"] == made.outputs["primaryEndpointAddress"]
    assert more.outputs["primaryEndpointAddress"].startswith(f"master.{made.id}.")
    assert more.outputs["primaryEndpointAddress"].endswith(".euc1.cache.amazonaws.com")


def test_a_cache_is_not_taken_back(engine: Engine, made: Made) -> None:
    newer = engine.change(made, {**made.inputs, "engineVersion": "8.1"})
    with pytest.raises(Refused, match=r"Cannot downgrade from 8\.1 to 8\.0"):
        engine.change(newer, made.inputs)


def test_a_last_snapshot_takes_a_name_of_its_own(engine: Engine, made: Made) -> None:
    last = engine.change(made, {**made.inputs, "finalSnapshotIdentifier": "the-last"})
    engine.remove(last)
    again = engine.make(CACHE, last.inputs)
    with pytest.raises(Refused, match="SnapshotAlreadyExistsFault"):
        engine.remove(again)


def test_what_a_cache_refers_to_is_there_and_fits(engine: Engine, made: Made) -> None:
    group = engine.make(PARAMETERS, {"family": "valkey7"}, name="older")
    for changes, message in (
        ({"parameterGroupName": group.id}, "Expected a parameter group of family valkey8"),
        ({"parameterGroupName": "none"}, "CacheParameterGroupNotFound"),
        ({"userGroupIds": ["none"]}, "UserGroupNotFound"),
        ({"securityGroupIds": ["sg-0"]}, "Invalid security group"),
    ):
        with pytest.raises(Refused, match=message):
            engine.change(made, {**made.inputs, **changes})


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"replicationGroupId": "Upper"}, "not a valid identifier"),
        ({"automaticFailoverEnabled": True}, "needs a replica"),
        ({"multiAzEnabled": True}, "automatic failover enabled"),
        ({"userGroupIds": ["users"]}, "encryption in transit"),
        ({"kmsKeyId": "arn"}, "encryption at rest"),
    ],
)
def test_what_does_not_go_together_is_refused(inputs: dict[str, Any], message: str) -> None:
    (fault,) = cache_faults({"replicationGroupId": "a-cache", **inputs})
    assert message in fault[1]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"userId": "a--b"}, "not valid"),
        ({"passwords": ["short"]}, "between 16-128"),
        ({"passwords": [FIRST, SECOND, FIRST]}, "at most"),
        ({"noPasswordRequired": True}, "either passwords"),
        ({"accessString": "~* +@all"}, "begins with on or off"),
        ({"engine": "memcached"}, "Invalid engine"),
    ],
)
def test_a_user_is_refused(inputs: dict[str, Any], message: str) -> None:
    (fault,) = user_faults({**SAMPLE, **inputs})
    assert message in fault[1]


def test_nobody_is_told_a_password(engine: Engine) -> None:
    made = user(engine, "reader")
    assert made.outputs["passwords"] == [FIRST]
    found = engine.read(made, imported=True)
    assert found is not None
    assert "passwords" not in found.outputs
    assert found.outputs["authenticationMode"] == {"type": "password", "passwordCount": 1}


def test_a_group_takes_users_that_fit(engine: Engine) -> None:
    open_to_all = user(engine, "anybody", passwords=[], noPasswordRequired=True)
    one = user(engine, "one")
    twin = user(engine, "twin", userName="one")
    for engine_name, ids, message in (
        ("valkey", ["none"], "UserNotFound"),
        ("valkey", [open_to_all.id], "has no password"),
        ("valkey", [one.id, twin.id], "DuplicateUserName"),
        ("redis", [one.id], "is of valkey"),
        ("redis", [], "DefaultUserRequired"),
    ):
        inputs = {"engine": engine_name, "userGroupId": "users", "userIds": ids}
        with pytest.raises(Refused, match=message):
            engine.make(USERS, inputs)
