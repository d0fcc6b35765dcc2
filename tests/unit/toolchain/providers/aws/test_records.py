"""Unit: what moto lacks is played, and is as real as the rest to whoever looks."""

import pytest

from tests.moto import Moto
from tests.unit.toolchain.providers.aws.stand_in import Engine, Refused
from toolchain.providers.aws import types
from toolchain.providers.aws.records import played

TOKEN = "aws:iam/role:Role"
ROLE = played(
    TOKEN,
    service="iam",
    identity=lambda _, inputs: str(inputs["name"]),
    outputs=lambda call, identity, _: {
        "arn": call.arn(f"role/{identity}", regional=False),
        "uniqueId": "AROA",
    },
    updates=("assumeRolePolicy",),
    replaces=("name",),
    autoname="name",
)


@pytest.fixture(autouse=True)
def entry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(types.types(), TOKEN, ROLE)


def test_a_record_lives_as_a_resource_does(engine: Engine) -> None:
    made = engine.make(TOKEN, {"assumeRolePolicy": "a"})
    assert made.id == made.outputs["name"]
    assert made.outputs["arn"] == f"arn:aws:iam::123456789012:role/{made.id}"
    changed = engine.change(made, {"assumeRolePolicy": "b", "tags": {"a": "b"}})
    found = engine.read(changed)
    assert found == changed
    assert changed.outputs["tagsAll"]["a"] == "b"
    engine.remove(changed)
    assert engine.read(changed) is None
    engine.remove(changed)


def test_two_of_a_name_are_refused(engine: Engine) -> None:
    engine.make(TOKEN, {"assumeRolePolicy": "a", "name": "one"})
    with pytest.raises(Refused, match="ResourceAlreadyExistsException"):
        engine.make(TOKEN, {"assumeRolePolicy": "a", "name": "one"})


def test_a_record_is_gone_with_the_server(engine: Engine, aws: Moto) -> None:
    made = engine.make(TOKEN, {"assumeRolePolicy": "a"})
    aws.reset()
    assert engine.read(made) is None


def test_records_are_not_among_what_the_account_holds(engine: Engine, aws: Moto) -> None:
    engine.make(TOKEN, {"assumeRolePolicy": "a"})
    assert aws.client("s3").list_buckets()["Buckets"] == []
