"""The program of the tests of the gateway's load balancer: the component in a small network."""

from typing import Any

from tests.engine.stack import Project
from tests.moto import Moto
from tests.policies.analyzer import ROOT

PHYSICAL = "agents-prod"
DOMAIN = "example.com"
PROGRAM = """
from components.edge.balancer import LoadBalancer
from components.edge.balancer.domain import Zone
from pulumi_kubernetes.core.v1 import Namespace
from rehearsal import aws, provider
from tests import samples_balancer as samples

here = pulumi.ResourceOptions(provider=provider)
vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16", opts=here)
door = aws.ec2.InternetGateway("door", vpc_id=vpc.id, opts=here)
subnets = [
    aws.ec2.Subnet(
        f"{{name}}-{{zone}}",
        vpc_id=vpc.id,
        cidr_block=f"10.0.{{number}}.0/24",
        availability_zone=f"eu-central-1{{zone}}",
        opts=here,
    )
    for number, (name, zone) in enumerate(
        (name, zone) for name in ("public", "private") for zone in "ab"
    )
]
cluster = aws.ec2.SecurityGroup("cluster", vpc_id=vpc.id, description="nodes", opts=here)
key = aws.kms.Key("key", enable_key_rotation=True, deletion_window_in_days=7, opts=here)
gateway = Namespace("gateway", metadata={{"name": "gateway"}})
chosen = samples.{kind}(**{settings})
if chosen.zone is not None:
    # Moto's ids of zones look unlike AWS's, so they are no settings.
    zone = Zone.model_construct(id="{zone}", name="{domain}")
    chosen = chosen.model_copy(update={{"zone": zone}})
args = samples.load_balancer_args(
    chosen,
    vpc_id=vpc.id,
    public_subnets=[each.id for each in subnets[:2]],
    private_subnets=[each.id for each in subnets[2:]],
    subnet_cidrs=[each.cidr_block for each in subnets],
    cluster_security_group=cluster.id,
    key_arn=key.arn,
    protect={protect},
    backend=samples.backend(**{{"namespace": gateway.metadata.name, **{backend}}}),
)
LoadBalancer("edge", args, pulumi.ResourceOptions(providers={{"aws": provider}}, depends_on=[door]))
"""


def write(
    project: Project,
    zone: str,
    *,
    kind: str = "settings",
    protect: bool = False,
    settings: dict[str, Any] | None = None,
    backend: dict[str, Any] | None = None,
) -> None:
    """Write the program; `kind` is the function of the samples that makes the settings."""
    for folder in ("components", "tests"):
        link = project.folder / folder
        if not link.exists():
            link.symlink_to(ROOT / folder)
    project.program(
        PROGRAM.format(
            zone=zone,
            domain=DOMAIN,
            kind=kind,
            protect=protect,
            settings=repr(settings or {}),
            backend=repr(backend or {}),
        )
    )


def zone(aws: Moto) -> str:
    """Make the zone, which is there before the stack is; its id."""
    made = aws.client("route53").create_hosted_zone(Name=DOMAIN, CallerReference="test")
    return str(made["HostedZone"]["Id"].rsplit("/", 1)[-1])


def left(aws: Moto, zone: str) -> dict[str, int]:
    """How much of each kind there is that a stack can leave behind."""
    ec2, elb, s3 = aws.client("ec2"), aws.client("elbv2"), aws.client("s3")
    records = aws.client("route53").list_resource_record_sets(HostedZoneId=zone)
    groups = ec2.describe_security_groups()["SecurityGroups"]
    logs, waf = aws.client("logs"), aws.client("wafv2")
    found: dict[str, list[Any]] = {
        "balancers": elb.describe_load_balancers()["LoadBalancers"],
        "target groups": elb.describe_target_groups()["TargetGroups"],
        "interfaces": ec2.describe_network_interfaces()["NetworkInterfaces"],
        "certificates": aws.client("acm").list_certificates()["CertificateSummaryList"],
        "web ACLs": waf.list_web_acls(Scope="REGIONAL")["WebACLs"],
        "web ACL logs": waf.list_logging_configurations(Scope="REGIONAL")["LoggingConfigurations"],
        "log groups": logs.describe_log_groups()["logGroups"],
        "log policies": logs.describe_resource_policies()["resourcePolicies"],
        "buckets": s3.list_buckets()["Buckets"],
        "records": [
            each for each in records["ResourceRecordSets"] if each["Type"] not in ("NS", "SOA")
        ],
        "security groups": [each for each in groups if each["GroupName"] != "default"],
        "VPCs": [each for each in ec2.describe_vpcs()["Vpcs"] if not each["IsDefault"]],
        "played": played(aws),
    }
    return {kind: len(each) for kind, each in found.items() if each}


def played(aws: Moto) -> list[str]:
    """Keys of the records that stand in for what moto lacks."""
    store = aws.client("s3", "us-gov-west-1")
    return [
        each["Key"]
        for bucket in store.list_buckets()["Buckets"]
        for each in store.list_objects_v2(Bucket=bucket["Name"]).get("Contents", ())
    ]
