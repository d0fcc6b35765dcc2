from collections.abc import Mapping
from typing import TypedDict

class Retries(TypedDict, total=False):
    total_max_attempts: int
    mode: str

class S3(TypedDict, total=False):
    addressing_style: str

class Config:
    def __init__(
        self,
        *,
        proxies: Mapping[str, str] = ...,
        retries: Retries = ...,
        connect_timeout: float = ...,
        read_timeout: float = ...,
        s3: S3 = ...,
        inject_host_prefix: bool = ...,
        max_pool_connections: int = ...,
    ) -> None: ...
