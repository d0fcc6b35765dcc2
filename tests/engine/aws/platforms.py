"""The program of the tests of the platform's foundation: network, key, registry, cluster, identity."""

from typing import Any

from tests.engine.stack import Project
from tests.moto import Moto
from tests.policies.analyzer import ROOT

NETWORK = """
from dataclasses import replace

from components.network.vpc import Network
from components.registry import Registry
from components.secrets.key import Key
from rehearsal import aws, provider
from tests import samples_network

inside = pulumi.ResourceOptions(providers={{"aws": provider}})
key = Key("logs", samples_network.key_args(protect={protect}), inside)
network = Network("network", replace(
    samples_network.network_args(
        samples_network.NETWORK.model_copy(update={network})
    ), key_arn=key.arn), inside)
registry = Registry("registry", replace(
    samples_network.registry_args(
        samples_network.RegistrySettings(scan="continuous"), protect={protect}
    ), key_arn=key.arn), inside)
pulumi.export("vpc", network.id)
pulumi.export("urls", registry.urls)
pulumi.export("private", list(network.private))
"""

CLUSTER = """
from components.cluster import Cluster, NodeGroup
from components.identity import Identity
from tests import samples_cluster

settings = samples_cluster.eks_settings(**{cluster})
made = Cluster("cluster", replace(
    samples_cluster.cluster_args(settings), subnets=network.private, key_arn=key.arn), inside)
own = NodeGroup("nodes", replace(
    samples_cluster.node_group_args(tenant="research"), home=made.node_home), inside)
extractor = Identity("extractor", replace(
    samples_cluster.identity_args(settings.identity), cluster=made.pods), inside)
aws.vpc.SecurityGroupIngressRule(
    "from-balancer",
    security_group_id=made.security_group,
    ip_protocol="tcp",
    from_port=8080,
    to_port=8080,
    cidr_ipv4="10.20.0.0/16",
    opts=pulumi.ResourceOptions(provider=provider),
)
pulumi.export("endpoint", made.endpoint)
pulumi.export("issuer", made.issuer)
pulumi.export("group", own.group_name)
pulumi.export("role", extractor.role_arn)
"""


def write(project: Project, *parts: str, **values: Any) -> None:  # noqa: ANN401 - parts of a program
    """Write the program, with the values where its parts name them."""
    for folder in ("components", "tests"):
        link = project.folder / folder
        if not link.exists():
            link.symlink_to(ROOT / folder)
    defaults = {"protect": False, "network": {}, "cluster": {"protect": False}}
    project.program("".join(parts).format(**{**defaults, **values}))


def left(aws: Moto) -> dict[str, int]:
    """How much of each kind there is that somebody has made."""
    ec2, kms, iam, ecr, eks = (aws.client(each) for each in ("ec2", "kms", "iam", "ecr", "eks"))
    keys = [each["KeyId"] for each in kms.list_keys()["Keys"]]
    states = [kms.describe_key(KeyId=each)["KeyMetadata"]["KeyState"] for each in keys]
    played = aws.client("s3", "us-gov-west-1")
    found: dict[str, list[Any]] = {
        "vpcs": [each for each in ec2.describe_vpcs()["Vpcs"] if not each["IsDefault"]],
        "subnets": [each for each in ec2.describe_subnets()["Subnets"] if not each["DefaultForAz"]],
        "gateways": ec2.describe_internet_gateways()["InternetGateways"],
        "NAT gateways": [
            each
            for each in ec2.describe_nat_gateways()["NatGateways"]
            if each["State"] != "deleted"
        ],
        "addresses": ec2.describe_addresses()["Addresses"],
        "tables": ec2.describe_route_tables()["RouteTables"][1:],
        "groups": [
            each
            for each in ec2.describe_security_groups()["SecurityGroups"]
            if each["GroupName"] != "default"
        ],
        "endpoints": [
            each
            for each in ec2.describe_vpc_endpoints()["VpcEndpoints"]
            if each["State"] != "deleted"
        ],
        "interfaces": ec2.describe_network_interfaces()["NetworkInterfaces"],
        "flow logs": ec2.describe_flow_logs()["FlowLogs"],
        "templates": ec2.describe_launch_templates()["LaunchTemplates"],
        "keys": [state for state in states if state != "PendingDeletion"],
        "log groups": aws.client("logs").describe_log_groups()["logGroups"],
        "roles": iam.list_roles()["Roles"],
        "issuers": iam.list_open_id_connect_providers()["OpenIDConnectProviderList"],
        "repositories": ecr.describe_repositories()["repositories"],
        "clusters": eks.list_clusters()["clusters"],
        "played": [
            each["Key"]
            for bucket in played.list_buckets()["Buckets"]
            for each in played.list_objects_v2(Bucket=bucket["Name"]).get("Contents", ())
        ],
    }
    return {kind: len(each) for kind, each in found.items() if each}
