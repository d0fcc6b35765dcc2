"""Clients of the simulated AWS, made at run time from botocore's own description of each service."""

from typing import Any, Final, cast

import boto3  # pyright: ignore[reportMissingTypeStubs] (its clients are made at run time)

from toolchain.rehearsal.aws import CREDENTIALS

_SESSIONS: Final = cast("Any", boto3)


def client(service: str, endpoint: str, region: str) -> Any:  # noqa: ANN401 (as above)
    """A client of `service`, such as `ec2`, of the AWS at `endpoint`."""
    return _SESSIONS.Session(
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=region,
    ).client(service, endpoint_url=endpoint)
