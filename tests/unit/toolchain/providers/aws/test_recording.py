"""Unit: in a recording every resource type lives in the state alone, and nothing is asked."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2 as messages

from tests.moto import REGION
from tests.unit.toolchain.providers.aws.cases import CASES
from tests.unit.toolchain.providers.aws.stand_in import (
    DEFAULT_TAGS,
    Case,
    Context,
    Engine,
    Inputs,
    Made,
    Refused,
    World,
    urn,
)
from toolchain.paths import PROJECT
from toolchain.providers.aws.configuration import ACCOUNT
from toolchain.providers.aws.recording.mode import MARK, VARIABLE
from toolchain.providers.aws.schema import schema
from toolchain.providers.aws.types import find
from toolchain.providers.aws.values import decode, encode, has_unknown, is_object

CLUSTER = "aws:eks/cluster:Cluster"
CERTIFICATE = "aws:acm/certificate:Certificate"
INSTANCE = "aws:rds/instance:Instance"
PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
VPC = "aws:ec2/vpc:Vpc"
CIDR = {"cidrBlock": "10.0.0.0/16"}
SECRET_INPUTS = {
    "secretId": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a",
    "secretString": "hush-hush",
}
ALONE = f"""
import json, sys
from pulumi.runtime.proto import provider_pb2 as messages
from toolchain.providers.aws.service import ResourceProvider
from toolchain.providers.aws.values import encode
provider = ResourceProvider()
provider.Configure(messages.ConfigureRequest(args=encode({{"region": "eu-central-1"}})), None)
request = messages.CreateRequest(
    urn="urn:pulumi:s::p::{VPC}::a", type="{VPC}", name="a", properties=encode({CIDR!r})
)
made = provider.Create(request, None)
print(json.dumps([made.id, [name for name in ("boto3", "moto") if name in sys.modules]]))
"""
"""What a process of its own does."""

each_type = pytest.mark.parametrize("case", [pytest.param(CASES[t], id=t) for t in sorted(CASES)])


def configured() -> Engine:
    engine = Engine()
    engine.configure(None)
    return engine


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A provider in a recording, in a process that can connect to nothing."""

    def refuse(_: socket.socket, address: object) -> None:
        raise AssertionError(f"{address} was to be contacted")

    monkeypatch.setenv(VARIABLE, "record")
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    return configured()


@each_type
def test_every_type_gets_what_the_sdk_promises(case: Case, recorder: Engine) -> None:
    made = recorder.make(case.token, case.inputs(World(recorder, CASES)))
    assert made.id
    assert not has_unknown(made.outputs)
    missing = schema(case.token).promised - set(made.outputs)
    assert missing == set(find(case.token).absent)
    for name, value in made.inputs.items():
        assert _holds(value, made.outputs[name])
    if "tagsAll" in schema(case.token).outputs:
        assert made.outputs["tagsAll"] == {**DEFAULT_TAGS, **made.inputs.get("tags", {})}


@each_type
def test_it_lives_through_what_it_lives_through_in_aws(case: Case, recorder: Engine) -> None:
    inputs = case.inputs(World(recorder, CASES))
    made = recorder.make(case.token, inputs)
    assert recorder.read(made) == made
    assert not recorder.diff(made, made.inputs).diffs
    for name, value in case.replaces.items():
        assert list(recorder.diff(made, _with(inputs, {name: value})).replaces) == [name]
    if case.changes:
        changed = _with(inputs, case.changes)
        assert set(recorder.diff(made, changed).diffs) == set(case.changes)
        after = recorder.change(made, changed)
        assert not has_unknown(after.outputs)
        assert recorder.read(after) == after
        assert not recorder.diff(after, changed).diffs
        _keeps(made, after, set(case.changes) | set(find(case.token).volatile) | {"tagsAll"})
    recorder.remove(made)


@each_type
def test_it_is_the_same_in_every_run(case: Case, recorder: Engine) -> None:
    one = recorder.make(case.token, case.inputs(World(recorder, CASES)))
    again = configured()
    assert again.make(case.token, case.inputs(World(again, CASES))) == one


@each_type
def test_an_arn_can_be_taken_apart(case: Case, recorder: Engine) -> None:
    made = recorder.make(case.token, case.inputs(World(recorder, CASES)))
    for name in ("arn", "secretArn", "backupVaultArn", "targetKeyArn", "accessEntryArn"):
        if name in made.outputs and name not in made.inputs:
            parts = str(made.outputs[name]).split(":", 5)
            assert parts[:2] == ["arn", "aws"]
            assert parts[3] in (REGION, "")
            assert parts[4] in (ACCOUNT, "")
            assert all((parts[2], parts[5]))


def test_another_resource_gets_other_values(recorder: Engine) -> None:
    one = recorder.make(VPC, CIDR, name="one")
    for other in (
        recorder.make(VPC, CIDR, name="two"),
        recorder.make(VPC, {"cidrBlock": "10.1.0.0/16"}, name="one"),
    ):
        assert other.id != one.id
        assert other.outputs["mainRouteTableId"] != one.outputs["mainRouteTableId"]


def test_a_cluster_has_what_its_kubeconfig_and_its_tokens_are_made_of(recorder: Engine) -> None:
    made = recorder.make(CLUSTER, CASES[CLUSTER].inputs(World(recorder, CASES)))
    outputs: Mapping[str, Any] = made.outputs
    assert re.fullmatch(
        r"https://[0-9A-F]{32}\.gr7\.eu-central-1\.eks\.amazonaws\.com", outputs["endpoint"]
    )
    assert re.fullmatch(r"[A-Za-z0-9+/]+=*", outputs["certificateAuthority"]["data"])
    issuer = outputs["identities"][0]["oidcs"][0]["issuer"]
    assert re.fullmatch(r"https://oidc\.eks\.eu-central-1\.amazonaws\.com/id/[0-9A-F]{32}", issuer)
    assert re.fullmatch(r"sg-[0-9a-f]{17}", outputs["vpcConfig"]["clusterSecurityGroupId"])
    assert outputs["vpcConfig"]["subnetIds"] == made.inputs["vpcConfig"]["subnetIds"]


def test_a_certificate_has_a_proof_for_each_of_its_names(recorder: Engine) -> None:
    names = ["example.com", "*.example.com", "www.example.com"]
    inputs = {
        "domainName": names[0],
        "subjectAlternativeNames": names[1:],
        "validationMethod": "DNS",
    }
    options = recorder.make(CERTIFICATE, inputs).outputs["domainValidationOptions"]
    assert [each["domainName"] for each in options] == names
    assert options[0]["resourceRecordName"] == options[1]["resourceRecordName"]
    assert options[2]["resourceRecordName"].endswith(".www.example.com.")


def test_a_database_has_an_address_and_a_master_secret(recorder: Engine) -> None:
    outputs = recorder.make(INSTANCE, CASES[INSTANCE].inputs(World(recorder, CASES))).outputs
    assert outputs["endpoint"] == f"{outputs['address']}:5432"
    assert outputs["address"].endswith(".eu-central-1.rds.amazonaws.com")
    (secret,) = outputs["masterUserSecrets"]
    assert secret["secretArn"].startswith(f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:rds!")


def test_a_changed_template_is_the_next_version(recorder: Engine) -> None:
    case = CASES[TEMPLATE]
    inputs = case.inputs(World(recorder, CASES))
    made = recorder.make(TEMPLATE, inputs)
    after = recorder.change(made, _with(inputs, case.changes))
    assert after.outputs["latestVersion"] == made.outputs["latestVersion"] + 1
    assert after.outputs["arn"] == made.outputs["arn"]


def test_what_is_secret_stays_so_and_nothing_is_made_up_of_it(recorder: Engine) -> None:
    def made(text: str) -> messages.CreateResponse:
        properties = encode({**SECRET_INPUTS, "secretString": text}, {"secretString"})
        request = messages.CreateRequest(
            urn=urn(VERSION, "a"), type=VERSION, name="a", properties=properties
        )
        return recorder.provider.Create(request, _context())

    one, other = made("hush-hush"), made("another-one")
    outputs = decode(one.properties)
    assert outputs.secret == {"secretString"}
    assert outputs.secrets == {"hush-hush"}
    assert one.id == other.id
    assert outputs.values["versionId"] == decode(other.properties).values["versionId"]
    assert recorder.make(VERSION, SECRET_INPUTS).id != one.id


def test_what_is_in_no_state_cannot_be_read(recorder: Engine) -> None:
    made = Made(token=VPC, name="sample", id="vpc-1", inputs={}, outputs={})
    with pytest.raises(Refused, match="Vpc vpc-1 is in no state") as refusal:
        recorder.read(made, imported=True)
    assert refusal.value.code is grpc.StatusCode.FAILED_PRECONDITION


def test_a_preview_is_the_same_as_ever(recorder: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = recorder.preview(VPC, CIDR)
    monkeypatch.delenv(VARIABLE)
    assert configured().preview(VPC, CIDR) == recorded
    assert has_unknown(recorded)


def test_what_is_in_aws_is_not_forgotten_by_a_recording(
    recorder: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = recorder.make(VPC, CIDR)
    real = replace(recorded, outputs={**recorded.outputs, MARK: None})
    for act in (
        lambda: recorder.remove(real),
        lambda: recorder.change(real, CIDR),
        lambda: recorder.read(real),
    ):
        with pytest.raises(Refused, match="the state says that this is in AWS"):
            act()
    # To look at what a change would do harms nobody.
    assert recorder.change(real, CIDR, preview=True).outputs["cidrBlock"] == CIDR["cidrBlock"]
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(Refused, match="the state was recorded"):
        configured().remove(recorded)


@pytest.mark.parametrize("wanted", ["recrod", "1", "true"])
def test_a_misspelt_wish_is_refused(wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, wanted)
    with pytest.raises(Refused, match=f"{VARIABLE} is '{wanted}'; wanted 'record'"):
        configured()


def test_the_library_of_aws_is_not_even_loaded() -> None:
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ALONE],
        cwd=PROJECT,
        env={**os.environ, VARIABLE: "record"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    made, loaded = json.loads(result.stdout)
    assert made.startswith("vpc-")
    assert loaded == []


def _context() -> Any:  # noqa: ANN401 - stands in for gRPC's
    return Context()


def _with(inputs: Inputs, changes: Inputs) -> Inputs:
    merged = {**inputs, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def _keeps(before: Made, after: Made, but: set[str]) -> None:
    """What was made up is as it was, but for the named outputs."""
    for name in set(before.outputs) & set(after.outputs) - but:
        assert after.outputs[name] == before.outputs[name], name


def _holds(given: object, found: object) -> bool:
    """Whether all that was given was found; objects may have more."""
    if is_object(given) and is_object(found):
        return all(name in found and _holds(value, found[name]) for name, value in given.items())
    return given == found
