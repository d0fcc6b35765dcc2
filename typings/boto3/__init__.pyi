"""What is used of boto3; its clients are made at run time."""

from typing import Any

from botocore.config import Config

class Session:
    def __init__(
        self,
        *,
        aws_access_key_id: str = ...,
        aws_secret_access_key: str = ...,
        region_name: str = ...,
    ) -> None: ...
    def client(
        self,
        service_name: str,
        *,
        region_name: str = ...,
        endpoint_url: str = ...,
        config: Config | None = ...,
    ) -> Any: ...  # noqa: ANN401 - as the module says
