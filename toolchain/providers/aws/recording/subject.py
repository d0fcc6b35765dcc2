"""The resource that something is made up for."""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.values import Inputs

_SIGNING: Final = {"elbv2": "elasticloadbalancing"}
"""Services that ARNs call by another name than boto3."""
_REGIONLESS: Final = ("iam", "route53", "s3")
_SUFFIXED: Final = ("acm", "elbv2", "secretsmanager")
"""Services that add letters of their own to the names in ARNs, and take the ARN as the id."""
_PREFIXES: Final = {
    "allocation": "eipalloc",
    "association": "assoc",
    "dhcpoptions": "dopt",
    "egressrule": "sgr",
    "eip": "eipalloc",
    "flowlog": "fl",
    "ingressrule": "sgr",
    "internetgateway": "igw",
    "launchtemplate": "lt",
    "natgateway": "nat",
    "networkacl": "acl",
    "networkinterface": "eni",
    "prefixlist": "pl",
    "route": "r",
    "routetable": "rtb",
    "securitygroup": "sg",
    "securitygrouprule": "sgr",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpcendpoint": "vpce",
}
"""What ids in EC2 begin with, by the last words of what they are of."""


@dataclass(frozen=True)
class Subject:
    """What of a resource goes into what is made up for it."""

    call: Call
    kind: Type

    @cached_property
    def inputs(self) -> Inputs:
        """The inputs that may be seen: nothing is made up of a secret."""
        hidden = self.call.hidden
        return {name: each for name, each in self.call.inputs.items() if name not in hidden}

    @property
    def noun(self) -> str:
        """What the resource is: `SecurityGroup`."""
        return self.kind.token.rsplit(":", 1)[-1]

    @property
    def service(self) -> str:
        """The service as ARNs and host names have it."""
        return _SIGNING.get(self.kind.service, self.kind.service)

    def digits(self, *path: str) -> str:
        """64 hexadecimal digits for one property, the same in each run."""
        return hashlib.sha256("\0".join((self._seed, *path)).encode()).hexdigest()

    def uuid(self, *path: str) -> str:
        """A UUID for one property."""
        digits = self.digits(*path)
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))

    def host(self, *path: str) -> str:
        """A name in DNS, which nobody has."""
        name = re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")
        where = f"{self.call.region}.{self.service}.amazonaws.com"
        return f"{name}.{self.digits(*path)[:10]}.{where}"

    def reference(self, noun: str, *path: str) -> str:
        """An id of something of this kind, of the form it has in AWS."""
        prefix = prefixed(noun)
        return f"{prefix}-{self.digits(*path)[:17]}" if prefix else self.uuid(*path)

    @cached_property
    def given(self) -> str:
        """The name by which AWS knows the resource; empty where AWS is given none."""
        given = self.inputs.get(self.kind.autoname or "name")
        return given if isinstance(given, str) else ""

    @property
    def name(self) -> str:
        """The name in AWS, else that in the program."""
        return self.given or self.call.name

    @cached_property
    def id(self) -> str:
        """The id: the one that AWS has been told, as far as it has been told one."""
        if self.kind.service in _SUFFIXED:
            return self.arn
        if self.kind.service == "ec2" and prefixed(self.noun):
            return self.reference(self.noun, "id")
        return self.given or self.uuid("id")

    @cached_property
    def arn(self) -> str:
        """The ARN."""
        if self.kind.service in _SUFFIXED:
            return self.arn_of(self.noun, f"{self.name}-{self.digits('arn')[:6]}")
        return self.arn_of(self.noun, self.id)

    def arn_of(self, noun: str, name: str) -> str:
        """An ARN of something in the resource's service."""
        call = self.call
        region = "" if self.service in _REGIONLESS else call.region
        account = "" if self.service in ("route53", "s3") else call.account
        words = re.sub(r"(?<!^)(?=[A-Z])", "-", noun).lower()
        bare = self.service == "s3" or name.startswith(f"{words}/")
        path = name if bare else f"{words}/{name}"
        return f"arn:{call.partition}:{self.service}:{region}:{account}:{path}"

    @cached_property
    def _seed(self) -> str:
        # With the inputs: what replaces a resource is another one.
        return f"{self.call.urn}\0{json.dumps(self.inputs, sort_keys=True)}"


def prefixed(noun: str) -> str:
    """What an id of this kind begins with in EC2; empty for other kinds."""
    words = noun.lower()
    fitting = [ending for ending in _PREFIXES if words.endswith(ending)]
    return _PREFIXES[max(fitting, key=len)] if fitting else ""
