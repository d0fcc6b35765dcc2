"""A sample of launch templates."""

from tests.unit.toolchain.providers.aws.cases.security import GROUP
from tests.unit.toolchain.providers.aws.stand_in import Case

LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"

CASES = (
    Case(
        token=LAUNCH_TEMPLATE,
        inputs=lambda world: {
            "namePrefix": "nodes-",
            "updateDefaultVersion": True,
            "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1},
            "blockDeviceMappings": [
                {
                    "deviceName": "/dev/xvda",
                    "ebs": {"encrypted": "true", "volumeSize": 20, "deleteOnTermination": "true"},
                },
                {"deviceName": "/dev/xvdb", "ebs": {"encrypted": "false"}},
            ],
            "networkInterfaces": [
                {
                    "deviceIndex": 0,
                    "associatePublicIpAddress": "false",
                    "securityGroups": [world[GROUP].id],
                }
            ],
            "monitoring": {"enabled": True},
            "tagSpecifications": [{"resourceType": "instance", "tags": {"Name": "node"}}],
        },
        changes={
            "metadataOptions": {"httpTokens": "optional"},
            "monitoring": None,
            "imageId": "ami-12345678",
            "updateDefaultVersion": False,
        },
        replaces={"namePrefix": "other-", "name": "other"},
    ),
)
