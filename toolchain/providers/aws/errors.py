"""What the user is told when AWS, or this stand-in for its provider, refuses something."""

from collections.abc import Collection
from typing import Any

import grpc
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError")
MISSING = ("NotFound", "NoSuch", "DoesNotExist", "404")


class Refusal(Exception):  # noqa: N818 - an answer, and not always a mistake of somebody's
    """Ends a call with a message for the user."""

    code = grpc.StatusCode.FAILED_PRECONDITION


class Unsupported(Refusal):
    """The call is the official provider's."""

    code = grpc.StatusCode.UNIMPLEMENTED


class HalfMade(Refusal):
    """The resource exists, but is not what was asked for and could not be removed."""

    def __init__(self, resource: str, outputs: dict[str, Any], reason: str) -> None:
        super().__init__(reason)
        self.resource = resource
        self.outputs = outputs


def absent(error: ClientError) -> bool:
    """Whether AWS says that there is no such thing."""
    return any(mark in code(error) for mark in MISSING)


def code(error: ClientError) -> str:
    """AWS's own code, such as `InvalidVpcID.NotFound`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def refused(codename: str, message: str, operation: str) -> ClientError:
    """What AWS would answer where moto lets something pass."""
    return ClientError({"Error": {"Code": codename, "Message": message}}, operation)


def told(error: ClientError | BotoCoreError, doing: str, action: str) -> str:
    """One message: what was to be done, by which action of AWS, what it answered, what helps."""
    if isinstance(error, ClientError):
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
            return f"{doing}: moto lacks {action}, or fails in it. Its log says more."
        answer = str(error.response.get("Error", {}).get("Message", "")) or "without a reason"
        return f"{doing}: {action} was refused with {code(error)}: {answer}{_hint(error, action)}"
    if isinstance(error, ParamValidationError):
        return f"{doing}: {action or 'AWS'} would not take the parameters: {error}"
    return (
        f"{doing}: {error}. The endpoint of the rehearsal did not answer; start the rehearsal "
        "again, its AWS is gone with it."
    )


def without(message: str, secrets: Collection[str]) -> str:
    """The message, with secrets taken out."""
    for secret in sorted(secrets, key=len, reverse=True):
        # Shorter ones are in every text by chance.
        if len(secret) >= 4:
            message = message.replace(secret, "[secret]")
    return message


def _hint(error: ClientError, action: str) -> str:
    if code(error) in DENIED:
        return f". Allow {action} to the role that deploys."
    if absent(error):
        return ". It may have been removed by hand: `pulumi refresh` finds out."
    if "Exist" in code(error) or "AlreadyOwned" in code(error):
        return ". Choose another name, or take it into the stack with `pulumi import`."
    if code(error) == "DependencyViolation":
        return ". Something outside of this stack still uses it; remove that first."
    return ""
