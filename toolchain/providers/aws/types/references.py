"""What an entry refers to has to be there, and to fit: subnets, security groups, keys, roles, records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from toolchain.providers.aws import records
from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import absent, refused
from toolchain.providers.aws.values import Inputs


def subnets(call: Call, wanted: Iterable[str], operation: str) -> list[dict[str, Any]]:
    """The subnets with these ids, which are all in one VPC."""
    ids = list(wanted)
    try:
        found: list[dict[str, Any]] = call.client("ec2").describe_subnets(SubnetIds=ids)["Subnets"]
    except ClientError as error:
        if not absent(error):
            raise
        reason = f"Some input subnets in :[{', '.join(ids)}] are invalid."
        raise refused("InvalidSubnet", reason, operation) from error
    if len({each["VpcId"] for each in found}) > 1:
        reason = f"The subnets {', '.join(ids)} are not all in the same VPC."
        raise refused("InvalidSubnet", reason, operation)
    return found


def security_groups(call: Call, wanted: Iterable[str], operation: str) -> set[str]:
    """The VPCs that the security groups with these ids are in."""
    ids = list(wanted)
    if not ids:
        return set()
    try:
        found = call.client("ec2").describe_security_groups(GroupIds=ids)["SecurityGroups"]
    except ClientError as error:
        if not absent(error):
            raise
        reason = f"Invalid security group among {', '.join(ids)}."
        raise refused("InvalidParameterValue", reason, operation) from error
    return {str(each["VpcId"]) for each in found}


def key(call: Call, wanted: str | None, codename: str, operation: str) -> None:
    """The key, if one is wanted, is there and can be used."""
    if wanted is None:
        return
    try:
        state = call.client("kms").describe_key(KeyId=wanted)["KeyMetadata"]["KeyState"]
    except ClientError as error:
        if not absent(error):
            raise
        state = "missing"
    if state != "Enabled":
        raise refused(codename, f"The key {wanted} cannot be used: it is {state}.", operation)


def assumable(call: Call, role_arn: str, service: str) -> bool:
    """Whether the role is there and trusts the service, such as `backup.amazonaws.com`."""
    try:
        role = call.client("iam").get_role(RoleName=role_arn.rsplit("/", 1)[-1])["Role"]
    except ClientError as error:
        if not absent(error):
            raise
        return False
    trusted: list[str] = []
    for statement in role["AssumeRolePolicyDocument"]["Statement"]:
        services: str | list[str] = statement["Principal"].get("Service", [])
        trusted += [services] if isinstance(services, str) else services
    return role["Arn"] == role_arn and service in trusted


def played(call: Call, token: str, identity: str) -> Inputs | None:
    """The inputs of a played resource of another type, None if there is none."""
    record = records.read(of_type(call, token), identity)
    return record and record["inputs"]


def of_type(call: Call, token: str) -> Call:
    """The call as one on a resource of another type: records are kept by type."""
    return replace(call, urn=f"urn:pulumi:-::-::{token}::-")


def in_order(
    found: Iterable[Mapping[str, Any]], given: Sequence[Mapping[str, Any]], by: str
) -> list[Mapping[str, Any]]:
    """What was found, in the order in which it was given: to AWS it is a set. The rest comes last."""
    places = {each[by]: place for place, each in enumerate(given)}
    return sorted(found, key=lambda each: places.get(each[by], len(places)))
