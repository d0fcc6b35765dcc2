"""A stack on a rehearsed AWS, from nothing to nothing, through the real engine."""

import pytest

from tests.engine.stack import Project
from tests.moto import Moto

pytestmark = pytest.mark.engine

PROGRAM = """
import json
from rehearsal import aws, provider

here = pulumi.ResourceOptions(provider=provider)
vpc = aws.ec2.Vpc("main", cidr_block="{cidr}", enable_dns_hostnames={hostnames}, opts=here)
for index, zone in enumerate("ab"):
    aws.ec2.Subnet(
        f"public-{{zone}}",
        vpc_id=vpc.id,
        cidr_block=vpc.cidr_block.apply(lambda cidr, i=index: cidr.replace("0.0/16", f"{{i}}.0/24")),
        availability_zone=f"eu-central-1{{zone}}",
        tags={{"Name": f"public-{{zone}}"}},
        opts=here,
    )
aws.ec2.InternetGateway("door", vpc_id=vpc.id, opts=here)
key = aws.kms.Key("key", description="{description}", enable_key_rotation=True,
                  deletion_window_in_days=7, opts=here)
aws.kms.Alias("alias", name="alias/platform", target_key_id=key.key_id, opts=here)
aws.cloudwatch.LogGroup("flows", retention_in_days={days}, kms_key_id=key.arn, opts=here)
trust = {{
    "Version": "2012-10-17",
    "Statement": [{{"Effect": "Allow", "Action": "sts:AssumeRole",
                    "Principal": {{"Service": "eks.amazonaws.com"}}}}],
}}
role = aws.iam.Role("cluster", assume_role_policy=json.dumps(trust), opts=here)
aws.iam.RolePolicyAttachment(
    "managed", role=role.name, policy_arn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy", opts=here
)
aws.iam.RolePolicy(
    "inline",
    role=role.name,
    policy=pulumi.Output.json_dumps({{
        "Version": "2012-10-17",
        "Statement": [{{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key.arn}}],
    }}),
    opts=here,
)
bucket = aws.s3.Bucket("backups", force_destroy=True, opts=here)
pulumi.export("vpc", vpc.id)
pulumi.export("vpc_arn", vpc.arn)
pulumi.export("role", role.arn)
pulumi.export("bucket", bucket.bucket)
"""
RESOURCES = 11


def program(
    *, cidr: str = "10.0.0.0/16", hostnames: bool = True, description: str = "data", days: int = 30
) -> str:
    return PROGRAM.format(cidr=cidr, hostnames=hostnames, description=description, days=days)


def counted(update_steps: dict[str, str], operation: str) -> int:
    return sum(op == operation for op in update_steps.values())


def left(aws: Moto) -> dict[str, int]:
    """How much of each kind there is that somebody has made."""
    ec2, kms = aws.client("ec2"), aws.client("kms")
    keys = [each["KeyId"] for each in kms.list_keys()["Keys"]]
    states = [kms.describe_key(KeyId=each)["KeyMetadata"]["KeyState"] for each in keys]
    found = {
        "vpcs": [vpc for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]],
        "subnets": [net for net in ec2.describe_subnets()["Subnets"] if not net["DefaultForAz"]],
        "gateways": ec2.describe_internet_gateways()["InternetGateways"],
        "keys": [state for state in states if state != "PendingDeletion"],
        "groups": aws.client("logs").describe_log_groups()["logGroups"],
        "roles": aws.client("iam").list_roles()["Roles"],
        "buckets": aws.client("s3").list_buckets()["Buckets"],
    }
    return {name: len(each) for name, each in found.items() if each}


def test_a_stack_is_made_changed_and_removed_without_a_trace(project: Project, aws: Moto) -> None:
    project.program(program())
    preview = project.preview()
    assert preview.code == 0, preview.output
    assert counted(preview.operations, "create") == RESOURCES
    assert left(aws) == {}

    project.deployed()
    assert left(aws)["subnets"] == 2
    outputs = project.outputs()
    assert outputs["vpc_arn"].endswith(f"123456789012:vpc/{outputs['vpc']}")
    again = project.preview()
    assert set(again.operations.values()) == {"same"}, again.output

    project.program(program(hostnames=False, description="all data", days=60))
    changed = project.deployed()
    assert counted(changed.operations, "update") == 3
    assert changed.diff("main") == {"enableDnsHostnames": "update"}
    group = aws.client("logs").describe_log_groups()["logGroups"][0]
    assert group["retentionInDays"] == 60

    project.program(program(hostnames=False, description="all data", days=60, cidr="10.1.0.0/16"))
    replaced = project.deployed()
    assert replaced.diff("main") == {"cidrBlock": "update-replace"}
    assert ("create-replacement", "main") in replaced.steps
    assert project.outputs()["vpc"] != outputs["vpc"]
    assert left(aws)["vpcs"] == 1

    project.destroy()
    assert left(aws) == {}


def test_a_refresh_notices_what_was_removed_or_changed_by_hand(project: Project, aws: Moto) -> None:
    project.program(program())
    project.deployed()
    quiet = project.run("refresh", "--yes", "--skip-preview")
    assert set(quiet.operations.values()) <= {"same", "refresh"}, quiet.output
    assert set(project.preview().operations.values()) == {"same"}

    outputs = project.outputs()
    aws.client("s3").delete_bucket(Bucket=outputs["bucket"])
    aws.client("ec2").modify_vpc_attribute(
        VpcId=outputs["vpc"], EnableDnsHostnames={"Value": False}
    )
    refreshed = project.run("refresh", "--yes", "--skip-preview")
    assert refreshed.code == 0, refreshed.output
    assert not project.has("backups")
    mended = project.deployed()
    assert mended.operations["backups"] == "create"
    assert mended.diff("main") == {"enableDnsHostnames": "update"}
    project.destroy()
    assert left(aws) == {}


def test_default_tags_reach_every_resource_and_change_with_the_provider(
    project: Project, aws: Moto
) -> None:
    project.program(program())
    project.deployed()
    inputs = project.resource("public-a")
    assert inputs["inputs"]["tags"] == {"Name": "public-a"}
    assert inputs["outputs"]["tagsAll"] == {"Name": "public-a", "stack": "test"}
    rehearsal = project.folder / "rehearsal.py"
    rehearsal.write_text(rehearsal.read_text().replace('"stack": "test"', '"stack": "other"'))
    changed = project.deployed()
    assert changed.diff("main") == {"tagsAll.stack": "update"}
    (vpc,) = [v for v in aws.client("ec2").describe_vpcs()["Vpcs"] if not v["IsDefault"]]
    assert vpc["Tags"] == [{"Key": "stack", "Value": "other"}]
    project.destroy()
