"""What goes with resources of AWS."""

from collections.abc import Mapping
from typing import Final

from policies.resource import at
from review.losses.entry import Lost, Phrase, both, content, given, meanwhile, switch
from review.steps import Inputs

_EMPTY_FIRST: Final = "AWS refuses while there are any"
_LONGEST: Final = 30
"""Days that KMS and Secrets Manager wait where no number is given."""


def _database(inputs: Inputs) -> str:
    if given(inputs, "replicateSourceDb"):
        return "its copy of the data; the source keeps its own"
    skipped = switch(inputs, "skipFinalSnapshot")
    # They go with the instance unless that is switched off.
    backups = inputs.get("deleteAutomatedBackups") is False
    if skipped is None:
        return "its data; whether a final snapshot is kept is not known"
    if skipped:
        kept = "automated backups are kept, no final snapshot is"
        return f"its data; {kept if backups else 'neither a final snapshot nor backups are kept'}"
    if not given(inputs, "finalSnapshotIdentifier"):
        return "its data; the provider refuses, as finalSnapshotIdentifier is not set"
    return (
        f"its data; a final snapshot is kept, automated backups are {'too' if backups else 'not'}"
    )


def _snapshot(key: str) -> Phrase:
    def phrase(inputs: Inputs) -> str:
        skipped = switch(inputs, "skipFinalSnapshot")
        if skipped is None:
            return "its data; whether a final snapshot is kept is not known"
        kept = given(inputs, key) and not skipped
        return f"its data; {'a' if kept else 'no'} final snapshot is kept"

    return phrase


def _volume(inputs: Inputs) -> str:
    kept = switch(inputs, "finalSnapshot")
    if kept is None:
        return "its data; whether a final snapshot is kept is not known"
    return f"its data; {'a' if kept else 'no'} final snapshot is kept"


def _table(inputs: Inputs) -> str:
    if at(inputs, "pointInTimeRecovery", "enabled") is True:
        return "its data; AWS keeps a backup for 35 days"
    return "its data; no backup is kept"


def _emptied(what: str, key: str) -> Phrase:
    def phrase(inputs: Inputs) -> str:
        forced = switch(inputs, key)
        if forced is None:
            return what
        return f"{what}, all of them" if forced else f"{what}; {_EMPTY_FIRST}"

    return phrase


def _unless_kept(what: str, key: str) -> Phrase:
    def phrase(inputs: Inputs) -> str | None:
        return None if switch(inputs, key) else what

    return phrase


def _window(inputs: Inputs, key: str) -> int:
    days = inputs.get(key)
    return int(days) if isinstance(days, int | float) else _LONGEST


def _key(inputs: Inputs) -> str:
    days = _window(inputs, "deletionWindowInDays")
    return f"what it has encrypted: after {days} days nobody can read that any more"


def _secret(inputs: Inputs) -> str:
    days = _window(inputs, "recoveryWindowInDays")
    return f"its value; it can be called back for {days} days" if days else "its value, at once"


_BACKUPS: Final = Lost(
    deleted="backups from now on; those that are there stay",
    replaced=None,
    gap="backups until the new one is there",
)
_RIGHTS: Final = meanwhile("the rights that it gives")
_RULE: Final = meanwhile("the connections that it lets through")
_INSTANCES: Final = content("what runs on it, and what is on disks of its own")

TABLE: Final[Mapping[str, Lost]] = {
    "aws:acm/Certificate": Lost(
        deleted="TLS for its names",
        replaced=None,
        gap="TLS for its names until the new one is valid",
    ),
    "aws:backup/Plan": _BACKUPS,
    "aws:backup/Selection": _BACKUPS,
    "aws:backup/Vault": content(_emptied("its recovery points", "forceDestroy")),
    "aws:backup/VaultLockConfiguration": meanwhile("the lock that keeps its recovery points"),
    "aws:cloudwatch/LogGroup": content(_unless_kept("its logs", "skipDestroy")),
    "aws:docdb/Cluster": content(_snapshot("finalSnapshotIdentifier")),
    "aws:dynamodb/Table": content(_table),
    "aws:ebs/Snapshot": content("the copy of a volume"),
    "aws:ebs/Volume": content(_volume),
    "aws:ec2/Eip": both("its address: clients and allow lists have to learn another"),
    "aws:ec2/Instance": _INSTANCES,
    "aws:ec2/InternetGateway": both("the way to and from the internet"),
    "aws:ec2/NatGateway": both(
        "open connections to the internet, and its address if that goes with it"
    ),
    "aws:ec2/Route": meanwhile("the way to its destination"),
    "aws:ec2/RouteTable": content("the routes of its subnets, until they have another"),
    "aws:ec2/RouteTableAssociation": meanwhile("the routes of its subnet"),
    "aws:ec2/Subnet": both("the addresses of all that is in it; AWS refuses while something is"),
    "aws:ec2/Vpc": both("the network of all that is in it; AWS refuses while something is"),
    "aws:ec2/VpcEndpoint": both("open connections to the service, and its private addresses"),
    "aws:ecr/Repository": content(_emptied("its images", "forceDelete")),
    "aws:efs/FileSystem": content("its files; no snapshot is kept"),
    "aws:eks/AccessEntry": meanwhile("the access of its principal to the cluster"),
    "aws:eks/AccessPolicyAssociation": meanwhile("what its principal may do in the cluster"),
    "aws:eks/Addon": Lost(
        deleted=_unless_kept("what the add-on does in the cluster", "preserve"),
        replaced=_unless_kept("what the add-on does, until it is installed anew", "preserve"),
    ),
    "aws:eks/Cluster": content("everything that runs in it, and its address"),
    "aws:eks/FargateProfile": both("the pods that it runs"),
    "aws:eks/NodeGroup": Lost(
        deleted="its nodes: their pods move to others, or wait if there are none",
        replaced="its nodes: their pods move to the new ones",
        gap="its nodes: their pods wait for the new ones",
    ),
    "aws:eks/PodIdentityAssociation": meanwhile("the rights in AWS of the pods that it is for"),
    "aws:elasticache/Cluster": content(_snapshot("finalSnapshotIdentifier")),
    "aws:elasticache/ReplicationGroup": content(_snapshot("finalSnapshotIdentifier")),
    "aws:elasticache/ServerlessCache": content(_snapshot("finalSnapshotName")),
    "aws:elasticache/User": meanwhile("the login of all that use it"),
    "aws:elasticache/UserGroup": meanwhile("the logins of its users"),
    "aws:iam/AccessKey": both("the credential: all that use it need another"),
    "aws:iam/OpenIdConnectProvider": both("the roles of all whose tokens it vouches for"),
    "aws:iam/Policy": meanwhile("the rights that it gives to all it is attached to"),
    "aws:iam/Role": both("the rights of all that use it, until they are given another role"),
    "aws:iam/RolePolicy": _RIGHTS,
    "aws:iam/RolePolicyAttachment": _RIGHTS,
    "aws:iam/ServiceLinkedRole": both("the rights of the AWS service that acts by it"),
    "aws:iam/User": both("the access of whoever it is for"),
    "aws:kms/Alias": meanwhile("the name by which the key is used"),
    "aws:kms/Key": content(_key),
    "aws:lambda/Function": meanwhile("what it does for those that call it"),
    "aws:lb/Listener": both("traffic on its port, until there is another"),
    "aws:lb/ListenerRule": meanwhile("the traffic that it routes"),
    "aws:lb/LoadBalancer": both("its DNS name and addresses: clients and DNS have to learn others"),
    "aws:lb/TargetGroup": both("its targets, until others are registered and healthy"),
    "aws:memorydb/Cluster": content(_snapshot("finalSnapshotName")),
    "aws:msk/Cluster": content("its data; no snapshot is kept"),
    "aws:neptune/Cluster": content(_snapshot("finalSnapshotIdentifier")),
    "aws:opensearch/Domain": content("its data; no snapshot is kept"),
    "aws:rds/Cluster": content(_database),
    "aws:rds/ClusterInstance": both("open connections to it; the data is the cluster's"),
    "aws:rds/Instance": content(_database),
    "aws:rds/Snapshot": content("the copy of a database"),
    "aws:redshift/Cluster": content(_snapshot("finalSnapshotIdentifier")),
    "aws:route53/Record": Lost(
        deleted="its name, which stops resolving",
        replaced="its former name, which stops resolving",
        gap="its name, which does not resolve meanwhile",
    ),
    "aws:route53/Zone": both(
        "its names, which stop resolving; another zone has other name servers"
    ),
    "aws:s3/Bucket": content(_emptied("its objects", "forceDestroy")),
    "aws:s3/BucketObject": content("its content"),
    "aws:s3/BucketObjectv2": content("its content"),
    "aws:s3/BucketV2": content(_emptied("its objects", "forceDestroy")),
    "aws:secretsmanager/Secret": content(_secret),
    "aws:secretsmanager/SecretVersion": Lost(
        deleted="its value", replaced="the former value: all that use it need the new one"
    ),
    "aws:sns/Topic": both("its subscriptions"),
    "aws:sqs/Queue": content("the messages in it, and its address"),
    "aws:ssm/Parameter": meanwhile("its value"),
    "aws:vpc/SecurityGroupEgressRule": _RULE,
    "aws:vpc/SecurityGroupIngressRule": _RULE,
    "aws:wafv2/WebAcl": meanwhile("the firewall of what it stands before"),
    "aws:wafv2/WebAclAssociation": meanwhile("the firewall before its load balancer"),
}
"""Kind, as `policies.resource.kind_of` names it → what goes with it."""
