"""AWS WAF: web ACLs, what they stand in front of, and where they log to."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import code, refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, first, pairs, tags, wire
from toolchain.providers.aws.values import Inputs, Json, Outputs, is_list, is_object

_SPELLED = {"CloudwatchMetricsEnabled": "CloudWatchMetricsEnabled"}
"""Where AWS writes capitals that the SDK does not have."""
_LOG_PREFIX = "aws-waf-logs-"


def _respelled(value: Json, names: Mapping[str, str]) -> Json:
    if is_object(value):
        return {names.get(key, key): _respelled(each, names) for key, each in value.items()}
    return [_respelled(each, names) for each in value] if is_list(value) else value


def _parameters(inputs: Inputs) -> dict[str, Any]:
    return _respelled(
        {
            "Rules": [],
            **api(inputs, "defaultAction", "description", "rules", "visibilityConfig"),
        },
        _SPELLED,
    )


def _there(ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - answers of boto3 have no types
    """The answer, None if AWS WAF knows nothing of what it was asked for."""
    try:
        return ask()
    except ClientError as error:
        if code(error) != "WAFNonexistentItemException":
            raise
        return None


def _create_acl(call: Call, inputs: Inputs) -> str:
    _check_rules(inputs.get("rules", ()), "CreateWebACL")
    made = call.api.create_web_acl(
        **api(inputs, "name", "scope"),
        **_parameters(inputs),
        **({"Tags": pairs(call.tags)} if call.tags else {}),
    )
    return str(made["Summary"]["Id"])


def _check_rules(rules: Sequence[Inputs], operation: str) -> None:
    for what in ("priority", "name"):
        values = [each[what] for each in rules]
        if len(set(values)) < len(values):
            raise _invalid(f"rules have the same {what} more than once", operation)
    for each in rules:
        statement: Inputs = each.get("statement", {})
        groups = {"managedRuleGroupStatement", "ruleGroupReferenceStatement"} & statement.keys()
        needed, other = "action", "overrideAction"
        if groups:
            needed, other = other, needed
        if needed not in each or other in each:
            raise _invalid(f"the rule {each['name']} needs {needed} and no {other}", operation)


def _invalid(reason: str, operation: str) -> ClientError:
    return refused(
        "WAFInvalidParameterException",
        f"Error reason: Your request isn't valid, {reason}",
        operation,
    )


def _summary(call: Call, identity: str) -> dict[str, Any] | None:
    """What AWS needs to be told of a web ACL: name, id, scope, token of the last change."""
    given, *_ = identity.split("/")
    for scope in ("REGIONAL", "CLOUDFRONT"):
        listed = call.api.list_web_acls(Scope=scope, Limit=100)["WebACLs"]
        found = first(each for each in listed if each["Id"] == given)
        if found is not None:
            return {**found, "Scope": scope}
    return None


def _key(found: Mapping[str, Any]) -> dict[str, str]:
    return {name: found[name] for name in ("Name", "Scope", "Id")}


def _read_acl(call: Call, identity: str) -> Outputs | None:
    summary = _summary(call, identity)
    if summary is None:
        return None
    answer = call.api.get_web_acl(**_key(summary))
    found = _respelled(answer["WebACL"], {name: given for given, name in _SPELLED.items()})
    arn = found["ARN"]
    # Moto keeps a description that is no longer given.
    described = not call.inputs or "description" in call.inputs
    listed = call.api.list_tags_for_resource(ResourceARN=arn)["TagInfoForResource"]["TagList"]
    return {
        **wire(found, "name", "capacity", "defaultAction", "visibilityConfig", arn="ARN"),
        "description": (described and found.get("Description")) or None,
        **({"rules": wire(found, "rules")["rules"]} if found.get("Rules") else {}),
        "scope": summary["Scope"],
        "lockToken": answer["LockToken"],
        "applicationIntegrationUrl": "",
        "tags": tags(listed),
    }


def _change_acl(call: Call, identity: str, new: Inputs, _: Inputs) -> None:
    rules = new.get("rules", ())
    _check_rules(rules, "UpdateWebACL")
    summary = _summary(call, identity)
    if summary is None:
        raise _invalid(f"there is no web ACL {identity}", "UpdateWebACL")
    if not rules:
        raise refused(
            "NotImplemented", "moto does not take the last rule out of a web ACL", "UpdateWebACL"
        )
    call.api.update_web_acl(**_key(summary), LockToken=summary["LockToken"], **_parameters(new))


def _delete_acl(call: Call, identity: str) -> None:
    summary = _summary(call, identity)
    if summary is None:
        return
    guarded = _guarded(call, summary["ARN"])
    if guarded:
        raise refused(
            "WAFAssociatedItemException",
            f"AWS WAF couldn't perform the operation because your resource is being used by {guarded}",
            "DeleteWebACL",
        )
    # A web ACL takes what it logs to along.
    _there(lambda: call.api.delete_logging_configuration(ResourceArn=summary["ARN"]))
    call.api.delete_web_acl(**_key(summary), LockToken=summary["LockToken"])


def _guarded(call: Call, acl: str) -> str:
    """ARN of a balancer that the web ACL stands in front of; moto does not list them."""
    for page in call.client("elbv2").get_paginator("describe_load_balancers").paginate():
        for each in page["LoadBalancers"]:
            if _acl_of(call, each["LoadBalancerArn"]) == acl:
                return str(each["LoadBalancerArn"])
    return ""


def _acl_of(call: Call, resource: str) -> str | None:
    found = call.api.get_web_acl_for_resource(ResourceArn=resource).get("WebACL")
    return found and str(found["ARN"])


def _tag_acl(call: Call, identity: str, changed: dict[str, str], removed: list[str]) -> None:
    summary = _summary(call, identity)
    if summary and changed:
        call.api.tag_resource(ResourceARN=summary["ARN"], Tags=pairs(changed))
    if summary and removed:
        call.api.untag_resource(ResourceARN=summary["ARN"], TagKeys=removed)


WEB_ACL = Type(
    "aws:wafv2/webAcl:WebAcl",
    service="wafv2",
    create=_create_acl,
    read=_read_acl,
    update=_change_acl,
    delete=_delete_acl,
    tag=_tag_acl,
    updates=("defaultAction", "description", "rules", "visibilityConfig"),
    replaces=("name", "scope"),
    autoname="name",
    autoname_limit=128,
    volatile=("lockToken",),
)


def _associate(call: Call, inputs: Inputs) -> str:
    acl, resource = str(inputs["webAclArn"]), str(inputs["resourceArn"])
    found = call.client("elbv2").describe_load_balancers(LoadBalancerArns=[resource])
    (balancer,) = found["LoadBalancers"]
    if balancer["Type"] != "application":
        raise _invalid(
            f"field: RESOURCE_ARN, parameter: {resource}, a {balancer['Type']} load balancer",
            "AssociateWebACL",
        )
    # A resource has one web ACL at most, and a second takes the place of the first.
    call.api.disassociate_web_acl(ResourceArn=resource)
    call.api.associate_web_acl(WebACLArn=acl, ResourceArn=resource)
    return f"{acl},{resource}"


def _read_association(call: Call, identity: str) -> Outputs | None:
    acl, resource = identity.split(",", 1)
    if _acl_of(call, resource) != acl:
        return None
    return {"webAclArn": acl, "resourceArn": resource}


def _disassociate(call: Call, identity: str) -> None:
    if _read_association(call, identity):
        call.api.disassociate_web_acl(ResourceArn=identity.split(",", 1)[1])


ASSOCIATION = Type(
    "aws:wafv2/webAclAssociation:WebAclAssociation",
    service="wafv2",
    create=_associate,
    read=_read_association,
    delete=_disassociate,
    replaces=("webAclArn", "resourceArn"),
)


def _log(call: Call, inputs: Inputs) -> str:
    acl, (destination, *_) = str(inputs["resourceArn"]), inputs["logDestinationConfigs"]
    name = str(destination).split(":log-group:")[-1].removesuffix(":*")
    groups = call.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    if not name.startswith(_LOG_PREFIX) or name not in [each["logGroupName"] for each in groups]:
        raise _invalid(
            f"field: LOG_DESTINATION, parameter: {destination}; it has to be a log group that is there "
            f"and whose name begins with {_LOG_PREFIX}",
            "PutLoggingConfiguration",
        )
    call.api.get_web_acl(ARN=acl)
    call.api.put_logging_configuration(
        LoggingConfiguration=api(
            inputs, "resourceArn", "logDestinationConfigs", "redactedFields", "loggingFilter"
        )
    )
    return acl


def _read_logging(call: Call, acl: str) -> Outputs | None:
    answer = _there(lambda: call.api.get_logging_configuration(ResourceArn=acl))
    return answer and wire(
        answer["LoggingConfiguration"],
        "resourceArn",
        "logDestinationConfigs",
        "redactedFields",
        "loggingFilter",
    )


LOGGING = Type(
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
    service="wafv2",
    create=_log,
    read=_read_logging,
    update=lambda call, _, new, __: _log(call, new),
    delete=lambda call, acl: _there(lambda: call.api.delete_logging_configuration(ResourceArn=acl)),
    updates=("logDestinationConfigs", "redactedFields", "loggingFilter"),
    replaces=("resourceArn",),
)

TYPES = (WEB_ACL, ASSOCIATION, LOGGING)
