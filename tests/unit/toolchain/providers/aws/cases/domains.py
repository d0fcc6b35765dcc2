"""Samples of zones and records."""

from tests.unit.toolchain.providers.aws.stand_in import Case

ZONE = "aws:route53/zone:Zone"
RECORD = "aws:route53/record:Record"

CASES = (
    Case(
        token=ZONE,
        inputs=lambda _: {"name": "example.com"},
        changes={"comment": "names of the platform", "forceDestroy": True},
        replaces={"name": "example.org"},
    ),
    Case(
        token=RECORD,
        inputs=lambda world: {
            "zoneId": world[ZONE].id,
            "name": "Docs",
            "type": "CNAME",
            "records": ["docs.example.net"],
            "ttl": 300,
        },
        changes={"records": ["other.example.net"], "ttl": 60, "allowOverwrite": True},
        replaces={"zoneId": "Z0", "name": "other", "type": "TXT"},
    ),
)
