"""What is in an account, as far as the platform makes it: to be the same before and after."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from toolchain.providers.aws import records
from toolchain.providers.aws.aws import Aws

Found = dict[str, Any]


@dataclass(frozen=True)
class Listing:
    """How one kind of resource is listed."""

    kind: str
    service: str
    call: str
    path: str
    """Key of the answer with the entries."""
    name: str = ""
    """Key of an entry with its name; an entry may be the name itself."""
    arguments: Mapping[str, Any] | None = None
    gone: Mapping[str, tuple[str, ...]] | None = None
    """States, by key, in which an entry only waits to disappear."""


LISTINGS: Final = (
    Listing("VPC", "ec2", "describe_vpcs", "Vpcs", "VpcId"),
    Listing("subnet", "ec2", "describe_subnets", "Subnets", "SubnetId"),
    Listing(
        "internet gateway",
        "ec2",
        "describe_internet_gateways",
        "InternetGateways",
        "InternetGatewayId",
    ),
    Listing(
        "NAT gateway",
        "ec2",
        "describe_nat_gateways",
        "NatGateways",
        "NatGatewayId",
        gone={"State": ("deleted", "deleting")},
    ),
    Listing("address", "ec2", "describe_addresses", "Addresses", "AllocationId"),
    Listing("route table", "ec2", "describe_route_tables", "RouteTables", "RouteTableId"),
    Listing("security group", "ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
    Listing(
        "network interface",
        "ec2",
        "describe_network_interfaces",
        "NetworkInterfaces",
        "NetworkInterfaceId",
    ),
    Listing(
        "VPC endpoint",
        "ec2",
        "describe_vpc_endpoints",
        "VpcEndpoints",
        "VpcEndpointId",
        gone={"State": ("deleted", "deleting")},
    ),
    Listing("flow log", "ec2", "describe_flow_logs", "FlowLogs", "FlowLogId"),
    Listing(
        "launch template",
        "ec2",
        "describe_launch_templates",
        "LaunchTemplates",
        "LaunchTemplateName",
    ),
    Listing(
        "instance",
        "ec2",
        "describe_instances",
        "Reservations",
        "ReservationId",
        arguments={
            "Filters": [
                {"Name": "instance-state-name", "Values": ["pending", "running", "stopped"]}
            ]
        },
    ),
    Listing("volume", "ec2", "describe_volumes", "Volumes", "VolumeId"),
    Listing(
        "load balancer", "elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerName"
    ),
    Listing("target group", "elbv2", "describe_target_groups", "TargetGroups", "TargetGroupName"),
    Listing("certificate", "acm", "list_certificates", "CertificateSummaryList", "CertificateArn"),
    Listing("web ACL", "wafv2", "list_web_acls", "WebACLs", "Name", {"Scope": "REGIONAL"}),
    Listing("role", "iam", "list_roles", "Roles", "RoleName"),
    Listing("policy", "iam", "list_policies", "Policies", "PolicyName", {"Scope": "Local"}),
    Listing(
        "OIDC provider",
        "iam",
        "list_open_id_connect_providers",
        "OpenIDConnectProviderList",
        "Arn",
    ),
    Listing(
        "instance profile",
        "iam",
        "list_instance_profiles",
        "InstanceProfiles",
        "InstanceProfileName",
    ),
    Listing("key alias", "kms", "list_aliases", "Aliases", "AliasName"),
    Listing(
        "secret",
        "secretsmanager",
        "list_secrets",
        "SecretList",
        "Name",
        arguments={"IncludePlannedDeletion": True},
    ),
    Listing("log group", "logs", "describe_log_groups", "logGroups", "logGroupName"),
    Listing("bucket", "s3", "list_buckets", "Buckets", "Name"),
    Listing("repository", "ecr", "describe_repositories", "repositories", "repositoryName"),
    Listing("EKS cluster", "eks", "list_clusters", "clusters"),
    Listing("database", "rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
    Listing(
        "database snapshot", "rds", "describe_db_snapshots", "DBSnapshots", "DBSnapshotIdentifier"
    ),
    Listing(
        "database subnet group",
        "rds",
        "describe_db_subnet_groups",
        "DBSubnetGroups",
        "DBSubnetGroupName",
    ),
    Listing(
        "database parameter group",
        "rds",
        "describe_db_parameter_groups",
        "DBParameterGroups",
        "DBParameterGroupName",
    ),
    Listing(
        "cache",
        "elasticache",
        "describe_replication_groups",
        "ReplicationGroups",
        "ReplicationGroupId",
    ),
    Listing("backup vault", "backup", "list_backup_vaults", "BackupVaultList", "BackupVaultName"),
    Listing("backup plan", "backup", "list_backup_plans", "BackupPlansList", "BackupPlanName"),
    Listing("hosted zone", "route53", "list_hosted_zones", "HostedZones", "Name"),
)

Inventory = dict[str, tuple[str, ...]]
"""Names of what there is, by kind."""


def inventory(simulated: Aws, region: str) -> Inventory:
    """Everything that the platform could have made in the account."""
    found = {
        each.kind: tuple(sorted(_entries(simulated.client(each.service, region), each)))
        for each in LISTINGS
    }
    found["key"] = tuple(sorted(_keys(simulated.client("kms", region))))
    found["played"] = tuple(sorted(_played(simulated)))
    return found


def left(before: Inventory, after: Inventory) -> Inventory:
    """What is in `after` and was not in `before`; kinds with nothing are left out."""
    return {
        kind: new
        for kind, names in after.items()
        if (new := tuple(sorted(set(names) - set(before.get(kind, ())))))
    }


def _entries(asked: Any, listing: Listing) -> Iterator[str]:  # noqa: ANN401 (as above)
    answer: Found = getattr(asked, listing.call)(**(listing.arguments or {}))
    for entry in answer[listing.path]:
        waiting = listing.gone or {}
        if any(entry.get(key) in states for key, states in waiting.items()):
            continue
        yield str(entry[listing.name]) if listing.name else str(entry)


def _keys(asked: Any) -> Iterator[str]:  # noqa: ANN401 (as above)
    """Keys that are in use: one that is to be deleted stays listed for its waiting time, free of charge."""
    for entry in asked.list_keys()["Keys"]:
        about: Found = asked.describe_key(KeyId=entry["KeyId"])["KeyMetadata"]
        if about["KeyState"] != "PendingDeletion" and about["KeyManager"] == "CUSTOMER":
            yield str(about["KeyId"])


def _played(simulated: Aws) -> Iterator[str]:
    """What moto lacks and the provider keeps a record of."""
    store = simulated.client("s3", records.REGION)
    if any(bucket["Name"] == records.BUCKET for bucket in store.list_buckets()["Buckets"]):
        answer: Found = store.list_objects_v2(Bucket=records.BUCKET)
        yield from (str(entry["Key"]) for entry in answer.get("Contents", []))
