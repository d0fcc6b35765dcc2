"""Unit: what the engine is answered where things go wrong."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from google.rpc.status_pb2 import Status
from pulumi.runtime.proto import provider_pb2 as messages

from tests import ports
from tests.moto import Moto
from tests.unit.toolchain.providers.aws.cases.identity import trust
from tests.unit.toolchain.providers.aws.stand_in import Context, Engine, Refused, urn
from toolchain.providers.aws import types
from toolchain.providers.aws.errors import refused, told
from toolchain.providers.aws.values import decode, encode

VPC = "aws:ec2/vpc:Vpc"
BUCKET = "aws:s3/bucket:Bucket"
CIDR = {"cidrBlock": "10.0.0.0/16"}


def test_without_an_endpoint_a_preview_works_and_a_deployment_names_the_official_plugin(
    offline: Engine,
) -> None:
    assert offline.preview(VPC, CIDR)["cidrBlock"] == "10.0.0.0/16"
    with pytest.raises(Refused, match=r"only rehearses.*pulumi plugin install resource aws"):
        offline.make(VPC, CIDR)


def test_a_type_without_an_entry_is_named(offline: Engine) -> None:
    with pytest.raises(Refused, match="aws:lex/bot:Bot is not rehearsed yet") as refusal:
        offline.check("aws:lex/bot:Bot", {})
    assert refusal.value.code is grpc.StatusCode.UNIMPLEMENTED


def test_a_type_the_sdk_lacks_is_named(offline: Engine) -> None:
    with pytest.raises(Refused, match="has no resource type aws:ec2/vpc:Vcp"):
        offline.check("aws:ec2/vpc:Vcp", {})


def test_an_input_that_would_be_passed_over_is_refused(offline: Engine) -> None:
    _, failures = offline.check(VPC, {**CIDR, "ipv6NetmaskLength": 56})
    assert "does not act on it" in failures["ipv6NetmaskLength"]


@pytest.mark.parametrize("method", ["Invoke", "Call"])
def test_functions_are_refused_by_name(offline: Engine, method: str) -> None:
    request = getattr(messages, f"{method}Request")(tok="aws:index/getRegion:getRegion")
    call = cast("Callable[..., None]", getattr(offline.provider, method))
    with pytest.raises(Refused, match="getRegion is not rehearsed"):
        call(request, Context())


def test_names_are_made_once_and_kept(offline: Engine) -> None:
    first, _ = offline.check(BUCKET, {}, name="backups")
    assert first["bucket"] == "backups-0123456"
    offline.seed = b"another"
    again, _ = offline.check(BUCKET, {}, name="backups", old=first)
    assert again["bucket"] == first["bucket"]
    long, _ = offline.check(BUCKET, {}, name="b" * 80)
    assert len(long["bucket"]) == 63


def test_a_replacement_waits_only_where_the_name_was_chosen(engine: Engine) -> None:
    made = engine.make(BUCKET, {})
    assert not engine.diff(made, {"objectLockEnabled": True}).deleteBeforeReplace
    chosen = engine.make(BUCKET, {"bucket": "chosen-name"})
    replaced = {"bucket": "chosen-name", "objectLockEnabled": True}
    assert engine.diff(chosen, replaced).deleteBeforeReplace


def test_a_resource_moves_with_its_region(engine: Engine) -> None:
    made = engine.make(VPC, CIDR)
    answer = engine.diff(made, {**CIDR, "region": "eu-west-1"})
    assert list(answer.replaces) == ["region"]
    assert not engine.diff(made, {**CIDR, "region": "eu-central-1"}).diffs
    other = engine.make(VPC, {**CIDR, "region": "eu-west-1"})
    assert ":eu-west-1:" in other.outputs["arn"]
    assert engine.read(other) is not None
    engine.remove(other)
    assert engine.read(other) is None


def test_a_changed_default_tag_changes_the_resource(engine: Engine, aws: Moto) -> None:
    made = engine.make(VPC, CIDR)
    other = Engine()
    other.configure(aws.url, defaultTags={"tags": {"stage": "b"}})
    answer = other.diff(made, CIDR)
    assert dict(answer.detailedDiff) != {}
    assert set(answer.diffs) == {"tagsAll"}
    changed = other.change(made, CIDR)
    assert changed.outputs["tagsAll"] == {"stage": "b"}
    found = other.read(changed)
    assert found is not None
    assert found.inputs == made.inputs


def test_tags_set_by_hand_are_drift(engine: Engine, aws: Moto) -> None:
    made = engine.make(VPC, CIDR)
    aws.client("ec2").create_tags(Resources=[made.id], Tags=[{"Key": "by", "Value": "hand"}])
    found = engine.read(made)
    assert found is not None
    assert found.inputs["tags"] == {"by": "hand"}
    assert set(engine.diff(found, CIDR).diffs) == {"tags"}


def test_aws_is_quoted_with_the_action_that_it_refused(engine: Engine) -> None:
    with pytest.raises(Refused) as refusal:
        engine.make("aws:ec2/subnet:Subnet", {"vpcId": "vpc-0", "cidrBlock": "10.0.0.0/24"})
    told_ = str(refusal.value)
    assert told_.startswith("creating aws:ec2/subnet:Subnet sample: ec2:CreateSubnet was refused")
    assert "InvalidVpcID.NotFound" in told_


def test_a_missing_permission_is_named() -> None:
    error = refused("UnauthorizedOperation", "You are not authorized.", "CreateVpc")
    assert "Allow ec2:CreateVpc" in told(error, "creating", "ec2:CreateVpc")


def test_a_server_that_is_gone_is_told_from_a_refusal() -> None:
    engine = Engine()
    (port,) = ports.free(1)
    engine.configure(f"http://127.0.0.1:{port}")
    with pytest.raises(Refused, match="did not answer; start the rehearsal again"):
        engine.make(VPC, CIDR)


def test_what_fails_half_way_leaves_nothing_behind(engine: Engine, aws: Moto) -> None:
    group = "aws:cloudwatch/logGroup:LogGroup"
    with pytest.raises(Refused, match="PutRetentionPolicy was refused"):
        engine.make(group, {"retentionInDays": 17})
    assert aws.client("logs").describe_log_groups()["logGroups"] == []


def test_what_cannot_be_removed_either_is_kept_in_the_state(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = "aws:cloudwatch/logGroup:LogGroup"

    def stuck(*_: object) -> None:
        raise refused("OperationAbortedException", "busy", "DeleteLogGroup")

    entry = replace(types.find(group), delete=stuck)
    monkeypatch.setitem(types.types(), group, entry)
    with pytest.raises(Refused, match="could not be removed"):
        engine.make(group, {"retentionInDays": 17, "name": "stuck"})
    ((_, packed),) = engine.context.metadata
    detail = messages.ErrorResourceInitFailed()
    assert Status.FromString(packed).details[0].Unpack(detail)
    assert detail.id == "stuck"
    assert decode(detail.inputs).values["retentionInDays"] == 17


def test_secrets_stay_secret_and_out_of_messages(engine: Engine) -> None:
    inputs = Struct()
    inputs.CopyFrom(encode({"assumeRolePolicy": "not a policy"}, ["assumeRolePolicy"]))
    token = "aws:iam/role:Role"
    request = messages.CheckRequest(urn=urn(token, "a"), type=token, name="a", news=inputs)
    answer = engine.provider.Check(request, cast("grpc.ServicerContext", Context()))
    assert decode(answer.inputs).secret == {"assumeRolePolicy"}

    policy: dict[str, Any] = {"assumeRolePolicy": trust("eks"), "name": "a"}
    made = engine.provider.Create(
        messages.CreateRequest(
            urn=urn(token, "a"), type=token, properties=encode(policy, ["assumeRolePolicy"])
        ),
        cast("grpc.ServicerContext", Context()),
    )
    assert decode(made.properties).secret == {"assumeRolePolicy"}

    subnet = "aws:ec2/subnet:Subnet"
    wrong = encode({"vpcId": "vpc-hunter22", "cidrBlock": "10.0.0.0/24"}, ["vpcId"])
    with pytest.raises(Refused) as refusal:
        engine.provider.Create(
            messages.CreateRequest(urn=urn(subnet, "b"), type=subnet, properties=wrong),
            cast("grpc.ServicerContext", Context()),
        )
    assert "VpcID [secret] does not exist" in str(refusal.value)
