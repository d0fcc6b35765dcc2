"""Load balancers: TLS only, a firewall before them, a log of what came in, pods behind them."""

import re
from collections.abc import Iterator
from typing import Final

from policies.resource import Resource, Stack, at, items, mapping, refers
from policies.rule import Severity, cis, fsbp, of, rule, stack_rule
from policies.selectors import some

_BALANCER: Final = "aws:lb/LoadBalancer"
_LISTENER: Final = "aws:lb/Listener"
_TARGETS: Final = "aws:lb/TargetGroup"
_TLS: Final = re.compile(r"ELBSecurityPolicy-TLS13-1-[23](-Res)?(-FIPS)?(-PQ)?-\d{4}-\d{2}")


def _application(balancer: Resource) -> bool:
    return balancer.props.get("loadBalancerType") in (None, "application")


@rule(
    of("aws:elb/LoadBalancer"),
    severity=Severity.HIGH,
    remedy="use an Application or a Network Load Balancer; Classic ones are retired.",
    everywhere=True,
)
def forbid_classic_balancer(_: Resource) -> Iterator[str]:
    """No load balancer is of the Classic generation, which AWS retires."""
    yield "it is a Classic Load Balancer"


@rule(
    of(_BALANCER),
    severity=Severity.MEDIUM,
    remedy="set accessLogs with a bucket and enabled.",
    reference=fsbp("ELB.5 Access logging enabled"),
)
def require_access_logs(balancer: Resource) -> Iterator[str]:
    """What comes in from outside leaves a record."""
    if at(balancer.props, "accessLogs", "enabled") is not True:
        yield "accessLogs.enabled is not true"


@rule(
    of(_BALANCER),
    severity=Severity.MEDIUM,
    remedy="set enableDeletionProtection to true (cluster.protect in the stack file).",
    reference=fsbp("ELB.6 Deletion protection enabled"),
)
def require_balancer_protection(balancer: Resource) -> Iterator[str]:
    """The address that clients call is deleted in two steps."""
    if balancer.props.get("enableDeletionProtection") is not True:
        yield "enableDeletionProtection is not true"


@rule(
    of(_BALANCER),
    severity=Severity.MEDIUM,
    remedy="set dropInvalidHeaderFields to true.",
    reference=fsbp("ELB.4 Invalid headers dropped"),
    everywhere=True,
)
def require_valid_headers(balancer: Resource) -> Iterator[str]:
    """Headers that two programs may read differently are dropped at the door."""
    if _application(balancer) and balancer.props.get("dropInvalidHeaderFields") is not True:
        yield "dropInvalidHeaderFields is not true"


@rule(
    of(_BALANCER),
    severity=Severity.HIGH,
    remedy="set desyncMitigationMode to defensive or strictest, or leave it out.",
    reference=fsbp("ELB.12 Defensive or strictest desync mitigation"),
    everywhere=True,
)
def require_desync_mitigation(balancer: Resource) -> Iterator[str]:
    """Requests that hide another one in them are not passed on."""
    mode = balancer.props.get("desyncMitigationMode")
    if mode not in (None, "defensive", "strictest"):
        yield f"desyncMitigationMode is {mode}"


@rule(
    of(_LISTENER),
    severity=Severity.HIGH,
    remedy="set sslPolicy to ELBSecurityPolicy-TLS13-1-2-Res-2021-06 or a stricter one.",
    reference=fsbp("ELB.17 Listeners use recommended security policies"),
    everywhere=True,
)
def require_modern_tls(listener: Resource) -> Iterator[str]:
    """Clients speak TLS 1.3, or 1.2 with forward secrecy, and nothing older."""
    policy = listener.props.get("sslPolicy")
    if listener.props.get("protocol") in ("HTTPS", "TLS") and (
        not isinstance(policy, str) or not _TLS.fullmatch(policy)
    ):
        yield f"sslPolicy is {policy or 'not set'}"


@rule(
    of(_LISTENER),
    severity=Severity.CRITICAL,
    remedy="redirect to HTTPS with HTTP_301 in every default action of the listener.",
    reference=fsbp("ELB.1 HTTP redirected to HTTPS"),
    everywhere=True,
)
def require_https_redirect(listener: Resource) -> Iterator[str]:
    """A listener without TLS does nothing but send clients to the one with it."""
    if listener.props.get("protocol") != "HTTP":
        return
    for entry in items(listener.props.get("defaultActions")):
        redirect = mapping(mapping(entry).get("redirect"))
        wanted = ("HTTPS", "HTTP_301")
        if (redirect.get("protocol"), redirect.get("statusCode")) != wanted:
            yield f"a default action is {mapping(entry).get('type')} instead of a lasting redirect"


@stack_rule(
    "aws:lb/ListenerRule",
    severity=Severity.CRITICAL,
    remedy="put the rule on the listener with TLS.",
    reference=cis("5.4.5 Traffic to load balancers encrypted"),
    everywhere=True,
)
def forbid_rules_without_tls(listener_rule: Resource, stack: Stack) -> Iterator[str]:
    """No rule passes requests on that came without TLS."""
    for listener in stack.origins(listener_rule, "listenerArn", _LISTENER):
        if listener.props.get("protocol") == "HTTP":
            yield f"it belongs to {listener.name}, which has no TLS"


@stack_rule(
    _BALANCER,
    severity=Severity.HIGH,
    remedy="add a listener with protocol HTTPS (or TLS, for a network load balancer) and a certificate.",
    reference=cis("5.4.5 Traffic to load balancers encrypted"),
)
def require_tls_listener(balancer: Resource, stack: Stack) -> Iterator[str]:
    """Every load balancer takes encrypted traffic."""
    # One that passes on whole connections may leave TLS to what is behind it.
    protocols = ("HTTPS",) if _application(balancer) else ("TLS", "TCP", "TCP_UDP", "UDP", "QUIC")

    def encrypted(listener: Resource) -> bool:
        return (
            refers(listener, "loadBalancerArn", balancer)
            and listener.props.get("protocol") in protocols
        )

    if not some(stack.of(_LISTENER), encrypted):
        yield f"no listener of it has protocol {protocols[0]}"


@stack_rule(
    _BALANCER,
    severity=Severity.HIGH,
    remedy="associate a web ACL with it (WebAclAssociation), or set internal to true.",
    reference=fsbp("ELB.16 Associated with a web ACL"),
)
def require_web_firewall(balancer: Resource, stack: Stack) -> Iterator[str]:
    """A firewall looks at requests from the internet first."""
    if balancer.props.get("internal") is True or not _application(balancer):
        return
    associations = stack.of("aws:wafv2/WebAclAssociation")
    if not some(associations, lambda each: refers(each, "resourceArn", balancer)):
        yield "it faces the internet without a web ACL"


@rule(
    of("aws:wafv2/WebAcl"),
    severity=Severity.MEDIUM,
    remedy="add AWS's managed rule groups and a limit on the rate of requests.",
    reference=fsbp("WAF.10 Web ACLs have a rule or rule group"),
)
def require_firewall_rules(firewall: Resource) -> Iterator[str]:
    """A firewall has rules."""
    if not items(firewall.props.get("rules")) and not firewall.props.get("ruleJson"):
        yield "it has no rules"


@rule(
    of(_TARGETS),
    severity=Severity.MEDIUM,
    remedy="set targetType to ip; requests then go to pods without a detour over other nodes.",
)
def require_pod_targets(group: Resource) -> Iterator[str]:
    """Load balancers send to pods themselves."""
    target = group.props.get("targetType")
    if target != "ip":
        yield f"targetType is {target or 'not set'}"


@rule(
    of(_TARGETS),
    severity=Severity.MEDIUM,
    remedy="set healthCheck with a path that asks whether the target can do its work.",
)
def require_target_health(group: Resource) -> Iterator[str]:
    """Load balancers send to targets only that say they can take it."""
    check = mapping(group.props.get("healthCheck"))
    if not check or check.get("enabled") is False:
        yield "healthCheck is not set or not enabled"
    elif check.get("protocol") in (None, "HTTP", "HTTPS") and not check.get("path"):
        yield "healthCheck.path is not set"


RULES: Final = (
    forbid_classic_balancer,
    require_access_logs,
    require_balancer_protection,
    require_valid_headers,
    require_desync_mitigation,
    require_modern_tls,
    require_https_redirect,
    forbid_rules_without_tls,
    require_tls_listener,
    require_web_firewall,
    require_firewall_rules,
    require_pod_targets,
    require_target_health,
)
