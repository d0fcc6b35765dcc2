"""Who acts in the account without being made in it: pods with a cluster's tokens, AWS's own services."""

import hashlib

from botocore.exceptions import ClientError

from toolchain.providers.aws import records
from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import code, refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, pairs, tags, wire
from toolchain.providers.aws.values import Inputs, Outputs


def _create_provider(call: Call, inputs: Inputs) -> str:
    made = call.api.create_open_id_connect_provider(
        Url=inputs["url"],
        ClientIDList=inputs["clientIdLists"],
        ThumbprintList=inputs.get("thumbprintLists", []),
        Tags=pairs(call.tags),
    )
    return str(made["OpenIDConnectProviderArn"])


def _change_provider(call: Call, arn: str, new: Inputs, old: Inputs) -> None:
    if new["clientIdLists"] != old.get("clientIdLists"):
        # Moto lacks AddClientIDToOpenIDConnectProvider and its opposite.
        records.write(call, arn, {"clientIdLists": new["clientIdLists"]})
    if new.get("thumbprintLists", []) != old.get("thumbprintLists", []):
        call.api.update_open_id_connect_provider_thumbprint(
            OpenIDConnectProviderArn=arn, ThumbprintList=new.get("thumbprintLists", [])
        )


def _read_provider(call: Call, arn: str) -> Outputs | None:
    found = call.api.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    given = str(call.inputs.get("url", ""))
    return {
        **wire(found, clientIdLists="ClientIDList"),
        **(records.read(call, arn) or {}),
        "arn": arn,
        # IAM tells it without the scheme, which is no other URL.
        "url": given if given.removeprefix("https://") == found["Url"] else found["Url"],
        # AWS looks at the issuer's certificate where none is named.
        "thumbprintLists": found.get("ThumbprintList") or [_thumbprint(str(found["Url"]))],
        "tags": tags(found.get("Tags")),
    }


def _thumbprint(url: str) -> str:
    return hashlib.sha1(url.encode(), usedforsecurity=False).hexdigest()


def _delete_provider(call: Call, arn: str) -> None:
    records.remove(call, arn)
    call.api.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)


def _tag_provider(call: Call, arn: str, changed: dict[str, str], removed: list[str]) -> None:
    if changed:
        call.api.tag_open_id_connect_provider(OpenIDConnectProviderArn=arn, Tags=pairs(changed))
    if removed:
        call.api.untag_open_id_connect_provider(OpenIDConnectProviderArn=arn, TagKeys=removed)


OPEN_ID_CONNECT_PROVIDER = Type(
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    service="iam",
    create=_create_provider,
    read=_read_provider,
    update=_change_provider,
    delete=_delete_provider,
    tag=_tag_provider,
    updates=("clientIdLists", "thumbprintLists"),
    replaces=("url",),
    # There is one for each URL.
    delete_first=True,
)


def _create_role(call: Call, inputs: Inputs) -> str:
    try:
        made = call.api.create_service_linked_role(
            **api(inputs, "customSuffix", "description", awsServiceName="AWSServiceName")
        )
    except ClientError as error:
        if code(error) != "EntityAlreadyExists":
            raise
        service = inputs["awsServiceName"]
        raise refused(
            "InvalidInput",
            f"Service role name for {service} has been taken in this account, please try a "
            "different suffix.",
            "CreateServiceLinkedRole",
        ) from error
    arn = call.made(made["Role"]["Arn"])
    _tag_role(call, arn, dict(call.tags), [])
    return arn


def _name(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]


def _read_role(call: Call, arn: str) -> Outputs | None:
    role = call.api.get_role(RoleName=_name(arn))["Role"]
    name, path = str(role["RoleName"]), str(role["Path"])
    return {
        **wire(role, "arn", "path", "createDate", name="RoleName", uniqueId="RoleId"),
        "description": role.get("Description") or None,
        "awsServiceName": path.strip("/").rsplit("/", 1)[-1],
        "customSuffix": name.split("_", 1)[1] if "_" in name else None,
        "tags": tags(role.get("Tags")),
    }


def _tag_role(call: Call, arn: str, changed: dict[str, str], removed: list[str]) -> None:
    if changed:
        call.api.tag_role(RoleName=_name(arn), Tags=pairs(changed))
    if removed:
        call.api.untag_role(RoleName=_name(arn), TagKeys=removed)


SERVICE_LINKED_ROLE = Type(
    "aws:iam/serviceLinkedRole:ServiceLinkedRole",
    service="iam",
    create=_create_role,
    read=_read_role,
    update=lambda call, arn, new, _: call.api.update_role(
        RoleName=_name(arn), Description=new.get("description", "")
    ),
    delete=lambda call, arn: call.api.delete_service_linked_role(RoleName=_name(arn)),
    tag=_tag_role,
    updates=("description",),
    replaces=("awsServiceName", "customSuffix"),
)

TYPES = (OPEN_ID_CONNECT_PROVIDER, SERVICE_LINKED_ROLE)
