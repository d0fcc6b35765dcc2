"""Samples of load balancers, from the way in to where requests go."""

import json
from typing import Any

from tests.unit.toolchain.providers.aws.cases.certificates import VALIDATION
from tests.unit.toolchain.providers.aws.cases.network import VPC
from tests.unit.toolchain.providers.aws.cases.security import GROUP
from tests.unit.toolchain.providers.aws.stand_in import Case, World

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"
SUBNET = "aws:ec2/subnet:Subnet"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
BUCKET = "aws:s3/bucket:Bucket"
POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
WRITERS = {
    "application": "logdelivery.elasticloadbalancing.amazonaws.com",
    "network": "delivery.logs.amazonaws.com",
}


def subnet(world: World, zone: str, number: int) -> str:
    """A further subnet of the samples' VPC."""
    inputs = {
        "vpcId": world[VPC].id,
        "cidrBlock": f"10.0.{number}.0/24",
        "availabilityZone": f"eu-central-1{zone}",
    }
    return world.engine.make(SUBNET, inputs, name=f"{zone}{number}").id


def admitting(bucket: str, kind: str = "application", **condition: Any) -> str:  # noqa: ANN401 - JSON
    """A policy that lets balancers of a type write into the bucket."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": WRITERS[kind]},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/AWSLogs/123456789012/*",
        "Condition": condition,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def log_bucket(world: World, kind: str = "application", **condition: Any) -> str:  # noqa: ANN401 - JSON
    """A bucket that balancers of a type may write into."""
    bucket = world[BUCKET].id
    inputs = {"bucket": bucket, "policy": admitting(bucket, kind, **condition)}
    world.engine.make("aws:s3/bucketPolicy:BucketPolicy", inputs, name="logs")
    return bucket


def balancer(world: World) -> dict[str, Any]:
    """Inputs of an application balancer on the internet."""
    assert world[GATEWAY].outputs["vpcId"] == world[VPC].id
    return {
        "subnets": [subnet(world, "a", 20), subnet(world, "b", 21)],
        "securityGroups": [world[GROUP].id],
        "accessLogs": {"bucket": log_bucket(world), "enabled": True},
        "idleTimeout": 120,
        "dropInvalidHeaderFields": True,
        "desyncMitigationMode": "strictest",
        "preserveHostHeader": True,
        "enableCrossZoneLoadBalancing": True,
    }


CASES = (
    Case(
        token=BALANCER,
        inputs=balancer,
        changes={
            "idleTimeout": 60,
            "dropInvalidHeaderFields": None,
            "desyncMitigationMode": "monitor",
            "enableHttp2": False,
            "clientKeepAlive": 600,
            "xffHeaderProcessingMode": "remove",
            "accessLogs": None,
        },
        replaces={"name": "other", "internal": True, "loadBalancerType": "network"},
    ),
    Case(
        token=TARGET_GROUP,
        inputs=lambda world: {
            "vpcId": world[VPC].id,
            "port": 8080,
            "protocol": "HTTP",
            "protocolVersion": "HTTP1",
            "targetType": "ip",
            "healthCheck": {"path": "/ping", "port": "8081", "interval": 5, "timeout": 3},
            "stickiness": {"type": "lb_cookie", "enabled": False},
            "deregistrationDelay": 145,
            "slowStart": 0,
        },
        changes={
            "healthCheck": {"path": "/ready", "interval": 10, "timeout": 4, "matcher": "200-204"},
            "stickiness": {"type": "lb_cookie", "cookieDuration": 600},
            "deregistrationDelay": 60,
            "loadBalancingAlgorithmType": "least_outstanding_requests",
        },
        replaces={"name": "other", "port": 9090, "protocol": "HTTPS", "targetType": "instance"},
    ),
    Case(
        token=LISTENER,
        inputs=lambda world: {
            "loadBalancerArn": world[BALANCER].id,
            "port": 443,
            "protocol": "HTTPS",
            "certificateArn": world[VALIDATION].outputs["certificateArn"],
            "sslPolicy": POLICY,
            "defaultActions": [{"type": "forward", "targetGroupArn": world[TARGET_GROUP].id}],
            "routingHttpResponseServerEnabled": False,
        },
        changes={
            "port": 8443,
            "sslPolicy": None,
            "defaultActions": [
                {
                    "type": "fixed-response",
                    "fixedResponse": {"contentType": "text/plain", "statusCode": "404"},
                }
            ],
            "routingHttpResponseStrictTransportSecurityHeaderValue": "max-age=1",
        },
        replaces={"loadBalancerArn": "arn:aws:elasticloadbalancing:other"},
    ),
    Case(
        token=RULE,
        inputs=lambda world: {
            "listenerArn": world[LISTENER].id,
            "priority": 7,
            "conditions": [
                {"hostHeader": {"values": ["agents.example.com"]}},
                {"pathPattern": {"values": ["/v1/*"]}},
                {"httpHeader": {"httpHeaderName": "X-Preview", "values": ["yes"]}},
            ],
            "actions": [
                {
                    "type": "forward",
                    "forward": {"targetGroups": [{"arn": world[TARGET_GROUP].id, "weight": 9}]},
                }
            ],
        },
        changes={
            "priority": 8,
            "conditions": [{"queryStrings": [{"key": "preview", "value": "yes"}]}],
            "actions": [{"type": "redirect", "redirect": {"statusCode": "HTTP_301"}}],
        },
        replaces={"listenerArn": "arn:aws:elasticloadbalancing:other"},
    ),
)
