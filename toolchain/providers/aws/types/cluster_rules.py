"""What EKS asks of a cluster and its nodes, and moto lets pass."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import Unsupported, absent, refused
from toolchain.providers.aws.types.references import assumable
from toolchain.providers.aws.values import Inputs

INVALID = "InvalidParameterException"
ZONES = 2
"""In how many zones a cluster's subnets have to be."""


def subnets(call: Call, wanted: Iterable[str], operation: str) -> list[dict[str, Any]]:
    """The subnets with these ids in their order, which are all in one VPC."""
    found: list[dict[str, Any]] = []
    for each in wanted:
        try:
            found += call.client("ec2").describe_subnets(SubnetIds=[each])["Subnets"]
        except ClientError as error:
            if not absent(error):
                raise
            raise refused(INVALID, f"The subnet ID '{each}' does not exist", operation) from error
    if len({each["VpcId"] for each in found}) > 1:
        raise refused(INVALID, "Subnets specified must belong to the same VPC", operation)
    return found


def in_zones(found: Iterable[Mapping[str, Any]], operation: str) -> None:
    """Refuses the subnets of a cluster that does not outlive a zone."""
    if len({each["AvailabilityZone"] for each in found}) < ZONES:
        raise refused(INVALID, "Subnets specified must be in at least two different AZs", operation)


def trusted(call: Call, role: str, service: str, operation: str) -> None:
    """Refuses a role that is not there, or that the service may not take on."""
    if not assumable(call, role, service):
        raise refused(
            INVALID,
            f"Role with arn: {role}, could not be assumed by {service} because it does not exist "
            "or the trusted entity is not correct",
            operation,
        )


def endpoints(configuration: Inputs, operation: str) -> None:
    """Refuses a cluster that nobody could reach."""
    private = configuration.get("endpointPrivateAccess", False)
    if not private and not configuration.get("endpointPublicAccess", True):
        raise refused(INVALID, "Private and public endpoint access cannot be false", operation)


def minor(version: str, operation: str) -> int:
    """Number behind the dot of a version such as 1.34."""
    found = re.fullmatch(r"1\.(\d+)", version)
    if found is None:
        raise refused(INVALID, f"unsupported Kubernetes version {version}", operation)
    return int(found[1])


def upgrade(running: str, wanted: str) -> None:
    """Refuses to take a control plane back, or up by more than one minor version."""
    operation = "UpdateClusterVersion"
    if minor(wanted, operation) - minor(running, operation) not in (0, 1):
        raise refused(
            INVALID,
            f"Unsupported Kubernetes minor version update from {running} to {wanted}",
            operation,
        )


def node_version(cluster: str, wanted: str, running: str | None, operation: str) -> None:
    """Refuses nodes that are ahead of their control plane, or that would go back."""
    if minor(wanted, operation) > minor(cluster, operation):
        raise refused(
            INVALID,
            f"Nodegroup Kubernetes version {wanted} is ahead of the cluster's, {cluster}",
            operation,
        )
    if running and minor(wanted, operation) < minor(running, operation):
        raise refused(
            INVALID,
            f"Nodegroup Kubernetes version cannot go back from {running} to {wanted}",
            operation,
        )


def sizes(scaling: Inputs, operation: str) -> None:
    """Refuses a group whose size is outside of its own limits."""
    least, size, most = (int(scaling[each]) for each in ("minSize", "desiredSize", "maxSize"))
    if least > size:
        message = f"Minimum capacity {least} can't be greater than desired size {size}"
        raise refused(INVALID, message, operation)
    if size > most:
        message = f"desired capacity {size} can't be greater than max size {most}"
        raise refused(INVALID, message, operation)


def only(inputs: Inputs, name: str, *known: str) -> Inputs:
    """The object in the input `name`, of which nothing but `known` is rehearsed."""
    found: Inputs = inputs.get(name, {})
    strange = sorted(set(found) - set(known))
    if strange:
        raise Unsupported(
            f"{name}.{strange[0]} is not rehearsed yet; types/clusters.py and types/node_groups.py "
            "are the place for it"
        )
    return found
