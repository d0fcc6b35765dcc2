"""IAM: roles that may do what they need, taken on by whom they are for."""

import fnmatch
import re
from collections.abc import Iterator
from typing import Final

from policies.aws.documents import (
    Statement,
    identity_statements,
    resource_statements,
    trust_statements,
)
from policies.resource import Part, Resource, items
from policies.rule import Severity, cis, fsbp, of, rule

_WHOLE_SERVICE: Final = re.compile(r"[*?]+|[\w*?-]+:[*?]+|[\w-]*[*?][\w*?-]*:.*")
_READING: Final = re.compile(r"[\w-]+:(BatchGet|Describe|Get|List)\w*\*?")
_BROAD: Final = re.compile(
    r"(AdministratorAccess|PowerUserAccess|IAMFullAccess|\w*FullAccess|\w*PowerUser|"
    r"job-function/\w+|AmazonEC2RoleforSSM)"
)
# What gives its caller other rights than those that were given: by writing down rights, by taking on
# or handing over a role, by a new way in for somebody who has them, by changing what runs with a role.
_ESCALATING: Final = tuple(
    f"{service}:{action}".lower()
    for service, actions in {
        "cloudformation": ("ExecuteChangeSet", "UpdateStack"),
        "codebuild": ("StartBuild", "UpdateProject"),
        "ec2-instance-connect": ("SendSSHPublicKey", "SendSerialConsoleSSHPublicKey"),
        "eks": ("AssociateAccessPolicy", "CreateAccessEntry", "UpdateAccessEntry"),
        "glue": ("UpdateDevEndpoint",),
        "iam": (
            *("AddUserToGroup", "UpdateAssumeRolePolicy"),
            *("AttachGroupPolicy", "AttachRolePolicy", "AttachUserPolicy"),
            *("CreateAccessKey", "CreateLoginProfile", "UpdateLoginProfile"),
            *("CreatePolicyVersion", "SetDefaultPolicyVersion"),
            *("CreateServiceSpecificCredential", "ResetServiceSpecificCredential"),
            *("DeleteRolePermissionsBoundary", "DeleteUserPermissionsBoundary"),
            *("PutRolePermissionsBoundary", "PutUserPermissionsBoundary"),
            *("PassRole", "PutGroupPolicy", "PutRolePolicy", "PutUserPolicy"),
        ),
        "lambda": ("UpdateFunctionCode", "UpdateFunctionConfiguration"),
        "ssm": ("ResumeSession", "SendCommand", "StartAutomationExecution", "StartSession"),
        "sts": ("AssumeRole",),
    }.items()
    for action in actions
)
_EVERY_ONE: Final = re.compile(r"[*?]+|arn:(?:[^:]*:){0,4}(?:[\w-]+[/:])?[*?]+")
_BOUNDARY: Final = "iam:permissionsboundary"
_LASTING: Final = (
    "aws:iam/AccessKey",
    "aws:iam/Group",
    "aws:iam/ServiceSpecificCredential",
    "aws:iam/User",
    "aws:iam/UserLoginProfile",
)
# Services that act for whoever tells them to, and name on whose behalf when they take a role on.
_DEPUTIES: Final = re.compile(
    r"(vpc-flow-logs|monitoring\.rds|scheduler|firehose|states|config|cloudtrail|"
    r"delivery\.logs)\.amazonaws\.com"
)
_BEHALF: Final = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid")
_CALLER: Final = (
    *_BEHALF,
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:sourcevpce",
    "kms:calleraccount",
)


@rule(
    identity_statements,
    severity=Severity.CRITICAL,
    remedy="name the actions that are needed (Statement in components/identity does).",
    reference=fsbp("IAM.21 No wildcard actions for services"),
    everywhere=True,
)
def forbid_whole_services(statement: Statement) -> Iterator[str]:
    """No role may do everything that a service offers."""
    if statement.allows:
        for action in statement.actions:
            if _WHOLE_SERVICE.fullmatch(action):
                yield f"it allows {action}"


@rule(
    identity_statements,
    severity=Severity.HIGH,
    remedy="name the actions, or the ARNs of the resources.",
    reference=fsbp("IAM.1 No full administrative privileges"),
    everywhere=True,
)
def forbid_wildcards_on_everything(statement: Statement) -> Iterator[str]:
    """No role may change an unnamed set of things on an unnamed set of resources."""
    if not statement.allows or "*" not in statement.resources:
        return
    for action in statement.actions:
        # A whole service has a complaint of its own.
        if "*" in action and not (_READING.fullmatch(action) or _WHOLE_SERVICE.fullmatch(action)):
            yield f"it allows {action} on every resource"


@rule(
    identity_statements,
    severity=Severity.HIGH,
    remedy="name the ARNs of the roles, policies or functions; whoever gives out rights needs a "
    "condition on iam:PermissionsBoundary.",
    everywhere=True,
)
def forbid_escalating_actions(statement: Statement) -> Iterator[str]:
    """No role may take more rights than it was given, from roles and policies that nobody has named."""
    everything = [each for each in statement.resources if _EVERY_ONE.fullmatch(each)]
    if not statement.allows or not everything or _BOUNDARY in statement.bound_keys:
        return
    for action in statement.actions:
        # What other rules complain of: a whole service, a wildcard on every resource.
        told = _WHOLE_SERVICE.fullmatch(action) or ("*" in action and "*" in everything)
        if not told and fnmatch.filter(_ESCALATING, action.lower()):
            yield f"it allows {action} on {everything[0]}"


def _attached(resource: Resource) -> Iterator[Part]:
    if resource.kind in (
        "aws:iam/GroupPolicyAttachment",
        "aws:iam/PolicyAttachment",
        "aws:iam/RolePolicyAttachment",
        "aws:iam/UserPolicyAttachment",
    ):
        yield Part("", {"arn": resource.props.get("policyArn")}, resource)
    elif resource.kind == "aws:iam/Role":
        for arn in items(resource.props.get("managedPolicyArns")):
            yield Part("managed policy", {"arn": arn}, resource)


@rule(
    _attached,
    severity=Severity.CRITICAL,
    remedy="attach a policy that names what is needed; nodes read ECR with "
    "AmazonEC2ContainerRegistryPullOnly.",
    reference=cis("5.1.3 Cluster access to ECR read-only"),
    everywhere=True,
)
def forbid_broad_managed_policies(attached: Part) -> Iterator[str]:
    """No role has one of AWS's policies that allow far more than one task needs."""
    name = str(attached.props.get("arn")).partition(":policy/")[2]
    if _BROAD.fullmatch(name.removeprefix("service-role/")):
        yield f"it attaches {name}"


@rule(
    of(*_LASTING),
    severity=Severity.CRITICAL,
    remedy="use a role; people come in through the organisation's sign-in, programs through Pod "
    "Identity or OpenID Connect.",
    everywhere=True,
)
def forbid_lasting_credentials(resource: Resource) -> Iterator[str]:
    """There are no users and no keys that hold until somebody remembers them."""
    yield f"it is an IAM {resource.kind.rpartition('/')[2]}"


@rule(
    trust_statements,
    severity=Severity.CRITICAL,
    remedy="name the service, the role or the account in Principal.",
    everywhere=True,
)
def forbid_open_trust(statement: Statement) -> Iterator[str]:
    """No role can be taken on by whoever likes to."""
    if statement.allows and "*" in statement.principals("AWS"):
        yield "everybody may take the role on"


@rule(
    trust_statements,
    severity=Severity.HIGH,
    remedy="add a StringEquals condition on the issuer's :sub, with the one service account, and :aud.",
    reference=cis("5.2.1 Dedicated service accounts"),
    everywhere=True,
)
def require_bound_federation(statement: Statement) -> Iterator[str]:
    """A role for a pod can be taken on by one service account of one cluster."""
    if not statement.allows or not statement.principals("Federated"):
        return
    for end in ("sub", "aud"):
        if not any(key.endswith(f":{end}") for key in statement.bound_keys):
            yield f"no condition names the token's {end}"


@rule(
    trust_statements,
    severity=Severity.MEDIUM,
    remedy="add a condition on aws:SourceAccount or aws:SourceArn.",
)
def require_source_of_deputies(statement: Statement) -> Iterator[str]:
    """A service that acts for many accounts takes a role on for ours only."""
    if statement.allows and not statement.bound_keys.intersection(_BEHALF):
        for service in statement.principals("Service"):
            if _DEPUTIES.fullmatch(service):
                yield f"{service} may take the role on for anybody"


@rule(
    resource_statements,
    severity=Severity.CRITICAL,
    remedy="name the principals, or add a condition on the account that calls.",
    reference=cis("5.1.2 User access to ECR minimised"),
    everywhere=True,
)
def forbid_open_resource_policy(statement: Statement) -> Iterator[str]:
    """No key, secret, bucket or repository lets everybody in."""
    if not statement.allows:
        return
    if "*" in statement.principals("AWS") and not statement.bound_keys.intersection(_CALLER):
        yield "it lets everybody in"


@rule(
    resource_statements,
    severity=Severity.MEDIUM,
    remedy="add a condition on aws:SourceAccount or aws:SourceArn; for a log group's key, on "
    "kms:EncryptionContext:aws:logs:arn.",
)
def require_source_of_services(statement: Statement) -> Iterator[str]:
    """A service that a resource lets in comes on behalf of our account."""
    if not statement.allows or not statement.principals("Service"):
        return
    keys = statement.bound_keys
    bound = any(key in _CALLER or key.startswith("kms:encryptioncontext:") for key in keys)
    if not bound:
        yield f"{', '.join(statement.principals('Service'))} may come for anybody"


RULES: Final = (
    forbid_whole_services,
    forbid_wildcards_on_everything,
    forbid_escalating_actions,
    forbid_broad_managed_policies,
    forbid_lasting_credentials,
    forbid_open_trust,
    require_bound_federation,
    require_source_of_deputies,
    forbid_open_resource_policy,
    require_source_of_services,
)
