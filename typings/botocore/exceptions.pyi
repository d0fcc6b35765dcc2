from collections.abc import Mapping
from typing import Any

class BotoCoreError(Exception): ...
class ParamValidationError(BotoCoreError): ...

class ClientError(Exception):
    response: dict[str, Any]
    operation_name: str
    def __init__(self, error_response: Mapping[str, Any], operation_name: str) -> None: ...
