"""Load balancers of the second generation: application and network."""

import re
from collections.abc import Mapping

from botocore.exceptions import ClientError

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import absent, refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import first, wire
from toolchain.providers.aws.types import access_logs, elb, placement
from toolchain.providers.aws.types.elb import Attribute, Table
from toolchain.providers.aws.values import Inputs, Outputs

_APPLICATION = ("application",)
_NETWORK = ("network",)
_BOTH = ("application", "network")
ATTRIBUTES: Table = {
    "clientKeepAlive": Attribute("client_keep_alive.seconds", 3600, _APPLICATION),
    "desyncMitigationMode": Attribute(
        "routing.http.desync_mitigation_mode", "defensive", _APPLICATION
    ),
    "dnsRecordClientRoutingPolicy": Attribute(
        "dns_record.client_routing_policy", "any_availability_zone", _NETWORK
    ),
    "dropInvalidHeaderFields": Attribute(
        "routing.http.drop_invalid_header_fields.enabled", False, _APPLICATION
    ),
    "enableCrossZoneLoadBalancing": Attribute("load_balancing.cross_zone.enabled", False, _NETWORK),
    "enableDeletionProtection": Attribute("deletion_protection.enabled", False, _BOTH),
    "enableHttp2": Attribute("routing.http2.enabled", True, _APPLICATION),
    "enableTlsVersionAndCipherSuiteHeaders": Attribute(
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled", False, _APPLICATION
    ),
    "enableWafFailOpen": Attribute("waf.fail_open.enabled", False, _APPLICATION),
    "enableXffClientPort": Attribute("routing.http.xff_client_port.enabled", False, _APPLICATION),
    "enableZonalShift": Attribute("zonal_shift.config.enabled", False, _BOTH),
    "idleTimeout": Attribute("idle_timeout.timeout_seconds", 60, _APPLICATION),
    "preserveHostHeader": Attribute(
        "routing.http.preserve_host_header.enabled", False, _APPLICATION
    ),
    "xffHeaderProcessingMode": Attribute(
        "routing.http.xff_header_processing.mode", "append", _APPLICATION
    ),
}
"""What the official provider sends for a type; it passes over what the type does not have."""
_LOGS: Table = {
    "enabled": Attribute("access_logs.s3.enabled", False, _BOTH),
    "bucket": Attribute("access_logs.s3.bucket", "", _BOTH),
    "prefix": Attribute("access_logs.s3.prefix", "", _BOTH),
}
_NAME = re.compile(r"(?!internal-)[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?")


def _create(call: Call, inputs: Inputs) -> str:
    where = placement.place(inputs)
    _check_name(call, str(inputs["name"]))
    placement.check(call, where, "CreateLoadBalancer")
    groups = list(where.groups)
    if where.kind == "application" and not groups:
        groups = [placement.default_group(call, where.subnets[0])]
    made = call.api.create_load_balancer(
        Name=inputs["name"],
        Type=where.kind,
        Scheme="internet-facing" if where.public else "internal",
        IpAddressType=inputs.get("ipAddressType", "ipv4"),
        Subnets=list(where.subnets),
        SecurityGroups=groups,
        **elb.tagged(call),
    )
    arn = call.made(made["LoadBalancers"][0]["LoadBalancerArn"])
    placement.settle(call, suffix(arn), where.subnets, groups)
    _set_attributes(call, arn, where.kind, inputs, {})
    return arn


def _check_name(call: Call, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise refused(
            "ValidationError",
            f"The load balancer name '{name}' must have 1 to 32 letters, digits and '-', not begin or "
            "end with '-', and not begin with 'internal-'",
            "CreateLoadBalancer",
        )
    try:
        call.api.describe_load_balancers(Names=[name])
    except ClientError as error:
        if not absent(error):
            raise
        return
    raise refused(
        "DuplicateLoadBalancerName",
        f"A load balancer with the same name '{name}' exists, but with different settings",
        "CreateLoadBalancer",
    )


def _set_attributes(call: Call, arn: str, kind: str, new: Inputs, old: Inputs) -> None:
    attributes = elb.wanted(ATTRIBUTES, kind, new, old)
    logs, former = new.get("accessLogs", {}), old.get("accessLogs", {})
    if logs != former:
        if logs.get("enabled"):
            access_logs.check(call, kind, arn, logs)
        attributes += elb.wanted(_LOGS, kind, logs, former)
    if attributes:
        call.api.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=attributes)


def _change(call: Call, arn: str, new: Inputs, old: Inputs) -> None:
    where, former = placement.place(new), placement.place(old)
    _set_attributes(call, arn, where.kind, new, old)
    if where == former:
        return
    if where.kind == "network":
        _refuse_narrower(where, former)
    placement.check(call, where, "SetSubnets")
    if where.groups != former.groups:
        call.api.set_security_groups(LoadBalancerArn=arn, SecurityGroups=list(where.groups))
    if where.subnets != former.subnets:
        call.api.set_subnets(LoadBalancerArn=arn, Subnets=list(where.subnets))
    if where.dualstack != former.dualstack:
        address = "dualstack" if where.dualstack else "ipv4"
        call.api.set_ip_address_type(LoadBalancerArn=arn, IpAddressType=address)
    placement.settle(call, suffix(arn), where.subnets, where.groups)


def _refuse_narrower(where: placement.Place, former: placement.Place) -> None:
    if set(former.subnets) - set(where.subnets):
        raise refused(
            "InvalidConfigurationRequest",
            "a network load balancer keeps its subnets. The official provider replaces it; the "
            "rehearsal does not: give it another name",
            "SetSubnets",
        )
    if bool(where.groups) != bool(former.groups):
        raise refused(
            "InvalidConfigurationRequest",
            "a network load balancer that was made without security groups never has any, and one with "
            "some always. The official provider replaces it; the rehearsal does not: give it another "
            "name",
            "SetSecurityGroups",
        )


def _read(call: Call, arn: str) -> Outputs | None:
    balancer = first(call.api.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"])
    if balancer is None:
        return None
    kind = balancer["Type"]
    answer = call.api.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    attributes = elb.listed(answer)
    subnets = [each["SubnetId"] for each in balancer["AvailabilityZones"]]
    return {
        **wire(balancer, "vpcId", "ipAddressType", arn="LoadBalancerArn", dnsName="DNSName"),
        **wire(balancer, name="LoadBalancerName", loadBalancerType="Type"),
        **wire(balancer, zoneId="CanonicalHostedZoneId"),
        "arnSuffix": suffix(arn),
        "internal": balancer["Scheme"] == "internal",
        "securityGroups": balancer.get("SecurityGroups", []),
        "subnets": subnets,
        "subnetMappings": [{"subnetId": each} for each in subnets],
        **_logs(kind, attributes),
        # Always the case, and moto says otherwise.
        **({"enableCrossZoneLoadBalancing": True} if kind == "application" else {}),
        **elb.found(ATTRIBUTES, kind, attributes),
        "tags": elb.tags_of(call, arn),
    }


def _logs(kind: str, attributes: Mapping[str, str]) -> Outputs:
    logs = elb.found(_LOGS, kind, attributes)
    return {"accessLogs": logs if logs["bucket"] else None}


def _delete(call: Call, arn: str) -> None:
    answer = call.api.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    if elb.listed(answer).get("deletion_protection.enabled") == "true":
        raise refused(
            "OperationNotPermitted",
            f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
            "DeleteLoadBalancer",
        )
    call.api.delete_load_balancer(LoadBalancerArn=arn)
    placement.leave(call, suffix(arn))


def suffix(arn: str) -> str:
    """The end of a balancer's ARN, which names it in metrics and on its interfaces."""
    return arn.split(":loadbalancer/", 1)[1]


BALANCER = Type(
    "aws:lb/loadBalancer:LoadBalancer",
    service="elbv2",
    create=_create,
    read=_read,
    update=_change,
    delete=_delete,
    tag=elb.tag,
    updates=(*ATTRIBUTES, "accessLogs", "ipAddressType", "securityGroups", "subnets"),
    replaces=("name", "internal", "loadBalancerType"),
    autoname="name",
    autoname_limit=32,
    absent=(
        "enablePrefixForIpv6SourceNat",
        "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
        "secondaryIpsAutoAssignedPerSubnet",
    ),
)

TYPES = (BALANCER,)
