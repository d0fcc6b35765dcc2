"""Unit: who may use a key, and how long it can be called back."""

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest

from components.account import Account
from components.secrets.key import Key, KeyArgs, policy
from tests import samples_network as samples
from tests.recording import deploy

AUTOSCALING = "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/Auto"


def statements(*services: str, roles: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", policy(samples.ACCOUNT, services, roles)["Statement"])


def principals(found: list[dict[str, Any]]) -> Iterator[str]:
    for each in found:
        yield from each["Principal"].values()


@pytest.mark.parametrize(("protect", "days"), [(True, 30), (False, 7)])
def test_a_key_is_renewed_and_can_be_called_back(protect: bool, days: int) -> None:
    key = deploy(lambda: Key("logs", samples.key_args(protect=protect))).one("Key", "logs-key")
    assert key.inputs["enableKeyRotation"] is True
    assert key.inputs["deletionWindowInDays"] == days


def test_the_alias_is_the_physical_name() -> None:
    alias = deploy(samples.key).one("Alias").inputs
    assert alias == {"name": "alias/agents-prod-logs", "targetKeyId": "logs-key-id"}


@pytest.mark.parametrize("alias", ["aws/logs", "alias of mine", "", "a" * 251])
def test_an_alias_that_kms_would_refuse_is_refused_here(alias: str) -> None:
    with pytest.raises(ValueError, match="no alias of a key"):
        KeyArgs(account=samples.ACCOUNT, alias=alias, description="", protect=True)


def test_the_registered_policy_is_the_documented_one() -> None:
    key = deploy(samples.key).one("Key", "logs-key")
    assert json.loads(key.inputs["policy"]) == policy(samples.ACCOUNT, (samples.LOGS,))


def test_the_account_administers_its_key_so_that_nobody_is_locked_out() -> None:
    (administration,) = statements()
    assert administration["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert administration["Action"] == "kms:*"


def test_nobody_is_let_in_by_a_wildcard() -> None:
    found = statements(samples.LOGS, "sns.amazonaws.com", roles=(AUTOSCALING,))
    assert not any("*" in each for each in principals(found))
    for each in found[1:]:
        assert "*" not in json.dumps(each["Action"])


def test_the_log_service_uses_the_key_for_log_groups_of_the_account_only() -> None:
    (use,) = statements(samples.LOGS)[1:]
    assert use["Principal"] == {"Service": samples.LOGS}
    assert use["Condition"] == {
        "ArnLike": {
            "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-central-1:123456789012:log-group:*"
        }
    }


def test_other_services_use_the_key_for_the_account_only() -> None:
    (use,) = statements("sns.amazonaws.com")[1:]
    assert use["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


def test_a_role_lends_the_key_to_what_aws_makes_for_it_and_to_nobody_else() -> None:
    use, grants = statements(roles=(AUTOSCALING,))[1:]
    assert "kms:CreateGrant" not in use["Action"]
    assert grants["Action"] == "kms:CreateGrant"
    assert grants["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}


def test_arns_are_those_of_the_partition() -> None:
    account = Account(id="123456789012", region="cn-north-1")
    (administration,) = cast("list[dict[str, Any]]", policy(account)["Statement"])
    assert administration["Principal"] == {"AWS": "arn:aws-cn:iam::123456789012:root"}
