"""IAM statements that name what they allow: no wildcard stands for an action or for every resource."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

import pulumi

VERSION: Final = "2012-10-17"
"""Of the policy language; the one before it knows no variables."""

Conditions = Mapping[str, Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]]]
"""Operator to condition key to what it has to be."""

_ACTION: Final = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")
_SID: Final = re.compile(r"[A-Za-z0-9]*")
_ANY: Final = re.compile(r"[*?]")

UNSCOPED_READS: Final = ("autoscaling:Describe", "ec2:Describe", "elasticloadbalancing:Describe")
"""Beginnings of calls that describe what there is. The Service Authorization Reference lists no
resource for those in use here, so that AWS refuses them unless they are allowed on `*`."""

UNSCOPED: Final = frozenset(
    {
        "acm:ListCertificates",
        "cloudwatch:GetMetricData",
        "cloudwatch:ListMetrics",
        "cloudwatch:PutMetricData",
        "ec2:GetInstanceTypesFromInstanceRequirements",
        "ecr:GetAuthorizationToken",
        "kms:ListAliases",
        "kms:ListKeys",
        "route53:ListHostedZones",
        "s3:ListAllMyBuckets",
        "secretsmanager:BatchGetSecretValue",
        "secretsmanager:ListSecrets",
        "sts:GetCallerIdentity",
        "tag:GetResources",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }
)
"""Further calls that the Service Authorization Reference lists no resource for.

`secretsmanager:BatchGetSecretValue` gives nothing by itself: each secret in the batch needs a
`secretsmanager:GetSecretValue` of its own.
"""


def unscoped(action: str) -> bool:
    """Whether AWS knows no resource for this one call, so that it has to be allowed on `*`."""
    return action in UNSCOPED or action.startswith(UNSCOPED_READS)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Calls that are allowed on resources, under conditions.

    Raises `ValueError` when it allows more than it names. A resource that is not known yet is
    checked once it is (`settled`).
    """

    actions: tuple[str, ...]
    """Each call by its full name, such as `s3:GetObject`."""
    resources: tuple[pulumi.Input[str], ...]
    """ARNs. A wildcard may stand in the last part, behind a type or a name."""
    conditions: Conditions = field(default_factory=dict[str, Any])
    sid: str = ""
    """What it is for, in letters and digits; shown where the policy is read."""

    def __post_init__(self) -> None:
        known = [each for each in self.resources if isinstance(each, str)]
        faults = [
            *_faults(self.sid, self.actions, len(self.resources)),
            *_broad(self.actions, known),
        ]
        if faults:
            raise ValueError("; ".join(faults))


def _faults(sid: str, actions: Sequence[str], resources: int) -> Iterator[str]:
    name = f"statement {sid!r}" if sid else "a statement"
    if not _SID.fullmatch(sid):
        yield f"{name} has a sid IAM refuses: use letters and digits only"
    if not actions:
        yield f"{name} allows no action: name one, or leave the statement out"
    if not resources:
        yield f"{name} names no resource: give the ARN that its actions are for"
    for action in actions:
        if _ANY.search(action):
            yield f"{name} allows {action!r}: name each call, without a wildcard"
        elif not _ACTION.fullmatch(action):
            yield f"{name} allows {action!r}, which is no call of AWS: write it as s3:GetObject"


def _broad(actions: Sequence[str], resources: Sequence[str]) -> Iterator[str]:
    scoped = [each for each in actions if not unscoped(each) and not _ANY.search(each)]
    for resource in resources:
        if resource == "*":
            if scoped:
                yield (
                    f"{', '.join(scoped)} would be allowed on '*': name the ARN (only calls that AWS "
                    "knows no resource for may stand on '*', see UNSCOPED)"
                )
        elif fault := _broad_arn(resource):
            yield f"resource {resource!r} {fault}"


def _broad_arn(resource: str) -> str | None:
    parts = resource.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or not parts[1] or not parts[2] or not parts[5]:
        return "is no ARN: write arn:partition:service:region:account:resource"
    if any(_ANY.search(part) for part in parts[:5]):
        return "has a wildcard before its last part: name the service, the region and the account"
    if _ANY.match(parts[5]):
        return "stands for everything in its service: begin the last part with a type or a name"
    return None


def document(statements: Sequence[Statement]) -> dict[str, Any]:
    """The policy that allows exactly these statements. Its resources may be outputs.

    Raises `ValueError` when there is no statement, or when two have one sid.
    """
    if not statements:
        raise ValueError("a policy without a statement allows nothing: leave the policy out")
    named = [each.sid for each in statements if each.sid]
    repeated = sorted({sid for sid in named if named.count(sid) > 1})
    if repeated:
        raise ValueError(
            f"sid {', '.join(repeated)} is there more than once: IAM wants them unique"
        )
    return {"Version": VERSION, "Statement": [_rendered(each) for each in statements]}


def _rendered(statement: Statement) -> dict[str, Any]:
    rendered: dict[str, Any] = {
        "Effect": "Allow",
        "Action": list(statement.actions),
        "Resource": list(statement.resources),
    }
    if statement.sid:
        rendered["Sid"] = statement.sid
    if statement.conditions:
        rendered["Condition"] = {
            operator: dict(keys) for operator, keys in statement.conditions.items()
        }
    return rendered


def settled(text: str) -> str:
    """The policy `text` as it is, now that every resource is known.

    Raises `ValueError` when an output turned out to be a wildcard.
    """
    statements = cast("list[dict[str, list[str]]]", json.loads(text)["Statement"])
    faults = [fault for each in statements for fault in _broad(each["Action"], each["Resource"])]
    if faults:
        raise ValueError("; ".join(faults))
    return text


def policy(statements: Sequence[Statement]) -> pulumi.Output[str]:
    """The document as the text that IAM takes, checked again once its outputs are known."""
    return pulumi.Output.json_dumps(document(statements)).apply(settled)
