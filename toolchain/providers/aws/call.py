"""What a resource type gets to work with: clients, names, tags and the state so far."""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from toolchain.providers.aws.aws import Aws, Client
from toolchain.providers.aws.errors import Refusal
from toolchain.providers.aws.values import Inputs

Tags = Mapping[str, str]


@dataclass(kw_only=True)
class Call:
    """One operation on one resource."""

    aws: Aws
    urn: str
    service: str
    """The service of boto3 that `api` talks to."""
    region: str
    inputs: Inputs = field(default_factory=dict[str, Any])
    """What is wanted; in a read or delete what was wanted last. Empty in an import."""
    hidden: Collection[str] = ()
    """Names of the inputs that are secret, or have a secret inside."""
    state: Inputs = field(default_factory=dict[str, Any])
    """The outputs so far; empty in a create and in an import."""
    tags: Tags = field(default_factory=dict[str, str])
    """The tags of the resource, the provider's default tags among them."""
    stopped: threading.Event = field(default_factory=threading.Event)
    made_id: str = ""
    _used: list[Client] = field(default_factory=list[Client])

    @property
    def name(self) -> str:
        """The name the program gave the resource."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def token(self) -> str:
        """The resource's type."""
        return self.urn.split("::")[2].rsplit("$", 1)[-1]

    @property
    def account(self) -> str:
        """Number of the account."""
        return self.aws.configuration.account

    @property
    def partition(self) -> str:
        """First part of ARNs."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    @property
    def api(self) -> Client:
        """The client of the type's own service."""
        return self.client(self.service)

    def client(self, service: str) -> Client:
        """The client of any service, in the resource's region."""
        client = self.aws.client(service, self.region)
        self._used.append(client)
        return client

    def arn(self, resource: str, *, service: str = "", regional: bool = True) -> str:
        """ARN of a resource of the account; `service` is that of the type if none is named."""
        region = self.region if regional else ""
        return f"arn:{self.partition}:{service or self.service}:{region}:{self.account}:{resource}"

    def made(self, identity: str) -> str:
        """Say that the resource exists from now on: a create that fails later removes it again."""
        self.made_id = identity
        return identity

    def wait(self, done: Callable[[], bool], until: str, seconds: float = 60) -> None:
        """Ask `done` until it is true; `until` completes the sentence in the error."""
        end = time.monotonic() + seconds
        while not done():
            if self.stopped.wait(0.1):
                raise Refusal(f"stopped while waiting until {until}")
            if time.monotonic() > end:
                raise Refusal(f"waited {seconds:g} s until {until}, in vain")

    def action(self, error: ClientError) -> str:
        """The permission that an error is about, such as `ec2:CreateVpc`."""
        operation: str = error.operation_name
        for client in reversed(self._used):
            if operation in client.meta.service_model.operation_names:
                return f"{client.meta.service_model.signing_name}:{operation}"
        return f"{self.service}:{operation}"
