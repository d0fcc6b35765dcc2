"""What is open to whom: network policies, services, namespaces."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, TypeAlias

from policies.pods import WORKLOADS
from policies.resource import NOTHING, Part, Props, Resource, Stack, at, items, mapping, parts
from policies.rule import Severity, cis, of, rule, stack_rule
from policies.selectors import Workload, selects, some

Network: TypeAlias = IPv4Network | IPv6Network

METADATA: Final[tuple[Network, ...]] = (
    IPv4Network("169.254.0.0/16"),
    IPv6Network("fe80::/10"),
    IPv6Network("fd00:ec2::/32"),
)
"""Where clouds serve a node's credentials. Never open."""
IDENTITY_AGENT: Final = ("169.254.170.23/32", "fd00:ec2::23/128")
"""Where the agent of EKS Pod Identity gives a pod the role that is its own. It may be named."""
PRIVATE: Final[tuple[Network, ...]] = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("fc00::/7"),
)
"""Where the cluster, its API server and its neighbours are. Open only when named as such."""
_ANYWHERE: Final = ("0.0.0.0/0", "::/0")
_CERTIFICATE: Final = "alb.ingress.kubernetes.io/certificate-arn"
_ENFORCE: Final = "pod-security.kubernetes.io/enforce"


def _egress(resource: Resource) -> Iterator[Part]:
    if resource.kind == "networking.k8s.io/NetworkPolicy":
        yield from parts(resource, "egress rule", "spec", "egress")


def _ingress(resource: Resource) -> Iterator[Part]:
    if resource.kind == "networking.k8s.io/NetworkPolicy":
        yield from parts(resource, "ingress rule", "spec", "ingress")


def reachable(block: Props) -> Iterator[Network]:
    """The metadata and private networks that an `ipBlock` opens without naming them.

    A private network is named when the block is that network or a part of it; a metadata address
    cannot be named, only excepted.
    """
    network = ip_network(str(block.get("cidr")), strict=False)
    if str(network) in IDENTITY_AGENT:
        return
    excepted = tuple(ip_network(str(cidr), strict=False) for cidr in items(block.get("except")))
    for guarded in METADATA:
        if network.overlaps(guarded) and not _covered(_smaller(network, guarded), excepted):
            yield guarded
    for guarded in PRIVATE:
        if network != guarded and within(guarded, network) and not _covered(guarded, excepted):
            yield guarded


def _everybody(peer: Props) -> bool:
    """Whether a peer selects all namespaces, and all pods of them."""
    namespaces = peer.get("namespaceSelector")
    return namespaces is not None and not namespaces and not mapping(peer.get("podSelector"))


def _smaller(one: Network, other: Network) -> Network:
    return one if one.prefixlen > other.prefixlen else other


def within(inner: Network, outer: Network) -> bool:
    """Whether all addresses of `inner` are in `outer`."""
    if isinstance(inner, IPv4Network) and isinstance(outer, IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(inner, IPv6Network) and isinstance(outer, IPv6Network):
        return inner.subnet_of(outer)
    return False


def _covered(network: Network, excepted: tuple[Network, ...]) -> bool:
    return any(within(network, exception) for exception in excepted)


@rule(
    _egress,
    severity=Severity.HIGH,
    remedy="name whom the pods may reach; for the public internet, except 10.0.0.0/8, "
    "172.16.0.0/12, 192.168.0.0/16 and 169.254.0.0/16 (public_https() in components/network does).",
    reference=cis("5.4 Cluster networking"),
)
def forbid_open_egress(egress: Part) -> Iterator[str]:
    """Nothing goes out to anywhere, to private networks unnamed or to a cloud's metadata service."""
    peers = items(egress.props.get("to"))
    if not peers:
        yield "it names no destination, which means every one"
    for peer in peers:
        if _everybody(mapping(peer)):
            yield "it names every pod of every namespace"
        block = mapping(mapping(peer).get("ipBlock"))
        if block:
            try:
                opened = list(reachable(block))
            except ValueError as error:
                yield f"its ipBlock cannot be read: {error}"
                continue
            for network in opened:
                yield f"{block.get('cidr')} includes {network}"


@rule(
    _ingress,
    severity=Severity.HIGH,
    remedy="name in `from` who may come in: pods, namespaces or an address range.",
    reference=cis("5.4 Cluster networking"),
)
def forbid_open_ingress(ingress: Part) -> Iterator[str]:
    """Nothing comes in from anywhere."""
    peers = items(ingress.props.get("from"))
    if not peers:
        yield "it names no source, which means every one"
    for peer in peers:
        cidr = at(mapping(peer), "ipBlock", "cidr")
        if cidr in _ANYWHERE:
            yield f"it lets in {cidr}"
        if _everybody(mapping(peer)):
            yield "it names every pod of every namespace"


@rule(
    of("core/Service"),
    severity=Severity.HIGH,
    remedy="use type ClusterIP and a route through the gateway, which has TLS, limits and a log.",
)
def forbid_exposed_service(service: Resource) -> Iterator[str]:
    """Services are reached through the gateway, not on ports of the nodes or by balancers of their own."""
    kind = service.spec.get("type")
    if kind in ("NodePort", "LoadBalancer"):
        yield f"type is {kind}"


@rule(
    of("core/Service"),
    severity=Severity.HIGH,
    remedy="remove externalIPs; they let a service take another's traffic (CVE-2020-8554).",
)
def forbid_external_addresses(service: Resource) -> Iterator[str]:
    """Services claim no address outside the cluster."""
    if items(service.spec.get("externalIPs")):
        yield "externalIPs is set"


@rule(
    of("core/Namespace"),
    severity=Severity.HIGH,
    remedy=f"label the namespace {_ENFORCE}=restricted.",
    reference=cis("4.2 Pod Security Standards"),
    everywhere=True,
)
def require_pod_security_label(namespace: Resource) -> Iterator[str]:
    """The API server itself refuses pods below *restricted*, whoever makes them."""
    level = mapping(namespace.metadata.get("labels")).get(_ENFORCE)
    if level != "restricted":
        yield f"label {_ENFORCE} is {level or 'not set'}"


@rule(
    of("networking.k8s.io/Ingress"),
    severity=Severity.HIGH,
    remedy="set spec.tls, or give it a certificate by alb.ingress.kubernetes.io/certificate-arn.",
    reference=cis("5.4.5 Traffic to load balancers encrypted"),
)
def require_ingress_tls(ingress: Resource) -> Iterator[str]:
    """What comes in from outside is encrypted."""
    annotations = mapping(ingress.metadata.get("annotations"))
    if not items(ingress.spec.get("tls")) and _CERTIFICATE not in annotations:
        yield "spec.tls is not set"


def _hosts(resource: Resource) -> Iterator[Part]:
    if resource.kind == "networking.k8s.io/Ingress":
        yield from parts(resource, "rule", "spec", "rules")


@rule(
    _hosts,
    severity=Severity.MEDIUM,
    remedy="set host to the name that clients call.",
)
def require_ingress_host(entry: Part) -> Iterator[str]:
    """No rule of an Ingress answers for every name there is."""
    host = entry.props.get("host")
    if host in (None, "", "*"):
        yield f"host is {host or 'not set'}"


def denies(policy: Resource, direction: str) -> bool:
    """Whether `policy` closes every pod of its namespace in `direction` and opens nothing."""
    return (
        not mapping(policy.spec.get("podSelector") or NOTHING)
        and direction in items(policy.spec.get("policyTypes"))
        and not items(policy.spec.get(direction.lower()))
    )


@stack_rule(
    "core/Namespace",
    severity=Severity.HIGH,
    remedy="add a NetworkPolicy with an empty podSelector, policyTypes Ingress and Egress and no "
    "rules (default_deny() in components/network).",
    reference=cis("4.3.2 Network policies in all namespaces"),
)
def require_default_deny(namespace: Resource, stack: Stack) -> Iterator[str]:
    """Every namespace is closed in both directions until a policy opens something."""
    for direction in ("Ingress", "Egress"):

        def closes(policy: Resource, direction: str = direction) -> bool:
            return policy.namespace == namespace.object_name and denies(policy, direction)

        if not some(stack.of("networking.k8s.io/NetworkPolicy"), closes):
            yield f"no policy of namespace {namespace.object_name} denies all {direction.lower()}"


@stack_rule(
    *(kind for kind in WORKLOADS if kind != "core/PodTemplate"),
    severity=Severity.HIGH,
    remedy="add a NetworkPolicy that selects its pods and says whom they reach and who reaches them.",
    reference=cis("5.4.4 Network policy enabled and set"),
)
def require_network_policy(workload: Resource, stack: Stack) -> Iterator[str]:
    """Every workload has a network policy of its own."""
    labels = Workload(workload).labels

    def own(policy: Resource) -> bool:
        selector = mapping(policy.spec.get("podSelector"))
        return (
            policy.namespace == workload.namespace and bool(selector) and selects(selector, labels)
        )

    if not some(stack.of("networking.k8s.io/NetworkPolicy"), own):
        yield "no NetworkPolicy selects its pods"


RULES: Final = (
    forbid_open_egress,
    forbid_open_ingress,
    forbid_exposed_service,
    forbid_external_addresses,
    require_pod_security_label,
    require_default_deny,
    require_network_policy,
    require_ingress_tls,
    require_ingress_host,
)
