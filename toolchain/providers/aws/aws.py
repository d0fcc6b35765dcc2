"""Clients of boto3 that can reach the rehearsal's moto server, and nothing else."""

import os
import threading
from functools import cache
from typing import TYPE_CHECKING, Any

from toolchain.providers.aws.configuration import Configuration

if TYPE_CHECKING:
    import boto3

Client = Any
"""A client of boto3, whose methods are made at run time and have no types."""


class Aws:
    """AWS as one configuration sees it. Its clients may be used by several threads at once."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self._clients: dict[tuple[str, str], Client] = {}
        self._lock = threading.Lock()

    def client(self, service: str, region: str) -> Client:
        """The client of a service; made once."""
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._connect(service, region)
            return self._clients[service, region]

    def _connect(self, service: str, region: str) -> Client:
        from botocore.config import Config  # noqa: PLC0415 - as in `_session`

        client = _session().client(
            service,
            region_name=region,
            endpoint_url=self.configuration.required_endpoint(),
            config=Config(
                # Given, so that a proxy of the environment is not asked for loopback.
                proxies={},
                retries={"total_max_attempts": 2},
                connect_timeout=5,
                s3={"addressing_style": "path"},
                # One server answers for all names.
                inject_host_prefix=False,
                max_pool_connections=32,
            ),
        )

        def name_account(request: Client, **_: object) -> None:
            request.headers["x-moto-account-id"] = self.configuration.account

        # Moto keeps accounts apart, and takes the number of the one that is meant from here.
        client.meta.events.register("before-sign", name_account)
        return client


@cache
def _session() -> "boto3.Session":
    import boto3  # noqa: PLC0415 - a preview and a recording have no use for what it takes to load

    # Whatever the user has configured for AWS itself is neither read nor sent.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    return boto3.Session(
        aws_access_key_id="rehearsal",
        aws_secret_access_key="rehearsal",  # noqa: S106 - moto asks for one, and takes any
    )
