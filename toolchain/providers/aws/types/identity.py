"""IAM: roles and what they may do."""

import json

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, first, pairs, tags, wire
from toolchain.providers.aws.values import Inputs, Outputs


def _create_role(call: Call, inputs: Inputs) -> str:
    _well_formed(inputs["assumeRolePolicy"], "CreateRole")
    made = call.api.create_role(
        **api(inputs, "description", "maxSessionDuration", "path", "permissionsBoundary"),
        **api(inputs, name="RoleName", assumeRolePolicy="AssumeRolePolicyDocument"),
        Tags=pairs(call.tags),
    )
    return str(made["Role"]["RoleName"])


def _well_formed(document: str, operation: str) -> None:
    try:
        statements = json.loads(document).get("Statement")
    except (ValueError, AttributeError):
        statements = None
    if not statements:
        raise refused("MalformedPolicyDocument", "This policy contains invalid Json", operation)


def _change_role(call: Call, name: str, new: Inputs, old: Inputs) -> None:
    if new["assumeRolePolicy"] != old.get("assumeRolePolicy"):
        _well_formed(new["assumeRolePolicy"], "UpdateAssumeRolePolicy")
        call.api.update_assume_role_policy(RoleName=name, PolicyDocument=new["assumeRolePolicy"])
    call.api.update_role(
        RoleName=name,
        Description=new.get("description", ""),
        MaxSessionDuration=new.get("maxSessionDuration", 3600),
    )
    if new.get("permissionsBoundary"):
        call.api.put_role_permissions_boundary(
            RoleName=name, PermissionsBoundary=new["permissionsBoundary"]
        )
    elif old.get("permissionsBoundary"):
        call.api.delete_role_permissions_boundary(RoleName=name)


def _read_role(call: Call, name: str) -> Outputs | None:
    role = call.api.get_role(RoleName=name)["Role"]
    boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return {
        **wire(role, "arn", "path", "description", "maxSessionDuration", "createDate"),
        **wire(role, name="RoleName", uniqueId="RoleId"),
        "assumeRolePolicy": json.dumps(role["AssumeRolePolicyDocument"]),
        "permissionsBoundary": boundary,
        "tags": tags(role.get("Tags")),
    }


def _delete_role(call: Call, name: str) -> None:
    if call.inputs.get("forceDetachPolicies"):
        for policy in call.api.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            call.api.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
        for policy in call.api.list_role_policies(RoleName=name)["PolicyNames"]:
            call.api.delete_role_policy(RoleName=name, PolicyName=policy)
    call.api.delete_role(RoleName=name)


def _tag_role(call: Call, name: str, changed: dict[str, str], removed: list[str]) -> None:
    if changed:
        call.api.tag_role(RoleName=name, Tags=pairs(changed))
    if removed:
        call.api.untag_role(RoleName=name, TagKeys=removed)


ROLE = Type(
    "aws:iam/role:Role",
    service="iam",
    create=_create_role,
    read=_read_role,
    update=_change_role,
    delete=_delete_role,
    tag=_tag_role,
    updates=(
        "assumeRolePolicy",
        "description",
        "maxSessionDuration",
        "permissionsBoundary",
        # Counts when the role is deleted.
        "forceDetachPolicies",
    ),
    replaces=("name", "path"),
    autoname="name",
    autoname_limit=64,
    # Policies are resources of their own.
    absent=("inlinePolicies", "managedPolicyArns"),
)


def _put_policy(call: Call, inputs: Inputs) -> str:
    call.api.put_role_policy(
        **api(inputs, role="RoleName", name="PolicyName", policy="PolicyDocument")
    )
    return f"{inputs['role']}:{inputs['name']}"


def _read_policy(call: Call, identity: str) -> Outputs | None:
    role, name = identity.split(":", 1)
    found = call.api.get_role_policy(RoleName=role, PolicyName=name)
    return {"role": role, "name": name, "policy": json.dumps(found["PolicyDocument"])}


def _delete_policy(call: Call, identity: str) -> None:
    role, name = identity.split(":", 1)
    call.api.delete_role_policy(RoleName=role, PolicyName=name)


ROLE_POLICY = Type(
    "aws:iam/rolePolicy:RolePolicy",
    service="iam",
    create=_put_policy,
    read=_read_policy,
    update=lambda call, _, new, __: _put_policy(call, new),
    delete=_delete_policy,
    updates=("policy",),
    replaces=("role", "name"),
    autoname="name",
    autoname_limit=128,
)


def _attach(call: Call, inputs: Inputs) -> str:
    call.api.attach_role_policy(**api(inputs, "policyArn", role="RoleName"))
    return f"{inputs['role']}/{inputs['policyArn']}"


def _read_attachment(call: Call, identity: str) -> Outputs | None:
    role, arn = identity.split("/", 1)
    pages = call.api.get_paginator("list_attached_role_policies").paginate(RoleName=role)
    found = first(
        each for page in pages for each in page["AttachedPolicies"] if each["PolicyArn"] == arn
    )
    return found and {"role": role, "policyArn": arn}


def _detach(call: Call, identity: str) -> None:
    role, arn = identity.split("/", 1)
    call.api.detach_role_policy(RoleName=role, PolicyArn=arn)


ROLE_POLICY_ATTACHMENT = Type(
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    service="iam",
    create=_attach,
    read=_read_attachment,
    delete=_detach,
    replaces=("role", "policyArn"),
)


TYPES = (ROLE, ROLE_POLICY, ROLE_POLICY_ATTACHMENT)
