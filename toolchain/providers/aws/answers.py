"""What the engine is answered: outputs, differences, faults and refusals, none with a secret in it."""

import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

import grpc
from google.protobuf.struct_pb2 import Struct
from google.rpc.status_pb2 import Status
from pulumi.runtime.proto import provider_pb2 as provider

from toolchain.providers.aws.changes import Change
from toolchain.providers.aws.errors import HalfMade, Refusal, without
from toolchain.providers.aws.paths import top
from toolchain.providers.aws.schema import UnknownTypeError
from toolchain.providers.aws.shape import Fault
from toolchain.providers.aws.values import Properties, encode

T = TypeVar("T")


def answered(context: grpc.ServicerContext, answer: Callable[[], T], *seen: Properties) -> T:
    """The answer, or a refusal of the call that has no secret in it."""
    secrets = frozenset[str]().union(*(each.secrets for each in seen))
    try:
        return answer()
    except HalfMade as error:
        message = without(str(error), secrets)
        detail = provider.ErrorResourceInitFailed(
            id=error.resource,
            properties=encode(error.outputs, seen[0].secret),
            inputs=encode(seen[0].values, seen[0].secret),
            reasons=[message],
        )
        status = Status(code=grpc.StatusCode.UNKNOWN.value[0], message=message)
        status.details.add().Pack(detail)
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        refuse(context, grpc.StatusCode.UNKNOWN, message)
    except Refusal as error:
        refuse(context, error.code, without(str(error), secrets))
    except UnknownTypeError as error:
        refuse(context, grpc.StatusCode.INVALID_ARGUMENT, str(error))
    except Exception:  # a mistake of this provider's own has to name its place
        refuse(context, grpc.StatusCode.INTERNAL, without(traceback.format_exc(), secrets))


def refuse(context: grpc.ServicerContext, code: grpc.StatusCode, message: str) -> NoReturn:
    """End the call with a message for the user."""
    context.abort(code, message)
    raise AssertionError("unreachable: abort raises")


def failure(fault: Fault, seen: Properties) -> provider.CheckFailure:
    """A fault of one of the inputs in `seen`."""
    return provider.CheckFailure(property=fault.path, reason=without(fault.reason, seen.secrets))


def shown(outputs: Mapping[str, Any], secrets: Sequence[str], *seen: Properties) -> Struct:
    """The outputs; secret are those in `secrets`, and what is so in `seen`."""
    secret = frozenset(secrets).union(*(each.secret for each in seen))
    return encode(outputs, secret | ({"tagsAll"} if "tags" in secret else frozenset[str]()))


def difference(found: Sequence[Change], *, deletes_first: bool = False) -> provider.DiffResponse:
    """The changes, each by its own path; one that replaces names its property besides."""
    replaces = sorted({top(change.path) for change in found if change.replaces})
    return provider.DiffResponse(
        changes=provider.DiffResponse.DIFF_SOME if found else provider.DiffResponse.DIFF_NONE,
        diffs=sorted({top(change.path) for change in found}),
        replaces=replaces,
        detailedDiff={change.path: _property(change) for change in found},
        hasDetailedDiff=True,
        deleteBeforeReplace=bool(replaces) and deletes_first,
    )


def _property(change: Change) -> provider.PropertyDiff:
    kind = f"{change.kind}_REPLACE" if change.replaces else change.kind
    return provider.PropertyDiff(
        kind=provider.PropertyDiff.Kind.Value(kind), inputDiff=change.path != "tagsAll"
    )
