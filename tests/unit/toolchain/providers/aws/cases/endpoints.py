"""Samples of VPC endpoints and flow logs."""

from tests.unit.toolchain.providers.aws.cases.identity import ROLE, allow
from tests.unit.toolchain.providers.aws.cases.network import VPC
from tests.unit.toolchain.providers.aws.cases.routes import ROUTE_TABLE
from tests.unit.toolchain.providers.aws.stand_in import Case

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"

CASES = (
    Case(
        token=ENDPOINT,
        inputs=lambda world: {
            "vpcId": world[VPC].id,
            "serviceName": "com.amazonaws.eu-central-1.s3",
            "vpcEndpointType": "Gateway",
            "routeTableIds": [world[ROUTE_TABLE].id],
            "policy": allow("s3:GetObject"),
        },
        changes={"policy": None, "routeTableIds": None},
        replaces={"serviceName": "com.amazonaws.eu-central-1.dynamodb"},
    ),
    Case(
        token="aws:ec2/flowLog:FlowLog",
        inputs=lambda world: {
            "vpcId": world[VPC].id,
            "trafficType": "ALL",
            "logDestinationType": "cloud-watch-logs",
            "logDestination": world[LOG_GROUP].outputs["arn"],
            "logFormat": "${version} ${srcaddr}",
            "iamRoleArn": world[ROLE].outputs["arn"],
        },
        replaces={"trafficType": "REJECT", "logFormat": "${version}"},
    ),
)
