"""What goes with objects in a cluster, and with what the program itself makes up."""

from collections.abc import Mapping
from typing import Final

from policies.resource import at
from review.losses.entry import Lost, both, content, meanwhile
from review.steps import Inputs


def _claims_go_too(inputs: Inputs) -> bool:
    policy = at(inputs, "spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted")
    return policy == "Delete"


def _stateful(inputs: Inputs) -> str:
    if _claims_go_too(inputs):
        return "its pods, and the data of the claims it made for them"
    return "its pods; the claims it made for them stay, with their data"


def _volume(inputs: Inputs) -> str | None:
    if at(inputs, "spec", "persistentVolumeReclaimPolicy") == "Retain":
        return "the way to its data, which stays on the storage"
    return "its data"


def _balanced(inputs: Inputs) -> bool:
    return at(inputs, "spec", "type") == "LoadBalancer"


def _service(inputs: Inputs) -> str:
    if _balanced(inputs):
        return "its load balancer's address: clients and DNS have to learn another"
    return "its name in the cluster: nobody reaches its pods by it"


def _another_service(inputs: Inputs) -> str:
    return _service(inputs) if _balanced(inputs) else "open connections, and its cluster IP"


_RIGHTS: Final = meanwhile("the rights that it gives")
_ROUTES: Final = meanwhile("the requests that it routes")
_VALUE: Final = both("its value: names and references made of it change")

TABLE: Final[Mapping[str, Lost]] = {
    "apiextensions.k8s.io/CustomResourceDefinition": content(
        "all objects of its kind, in every namespace"
    ),
    "apps/DaemonSet": Lost(
        deleted="its pods, on every node",
        replaced=None,
        gap="its pods, on every node, until the new ones are ready",
    ),
    "apps/Deployment": Lost(
        deleted="its pods: nothing answers any more",
        replaced=None,
        gap="its pods: nothing answers until the new ones are ready",
    ),
    "apps/StatefulSet": content(_stateful),
    "core/Namespace": content("everything in it"),
    "core/PersistentVolume": content(_volume),
    "core/PersistentVolumeClaim": content("its data, unless its volume's reclaim policy is Retain"),
    "core/Pod": both("what runs in it"),
    "core/Service": Lost(deleted=_service, replaced=_another_service),
    "core/ServiceAccount": both("the identity of its pods, until they start anew"),
    "elbv2.k8s.aws/TargetGroupBinding": both(
        "the load balancer's traffic to its pods, until it is bound anew"
    ),
    "external-secrets.io/ExternalSecret": both("the Secret that it keeps"),
    "helm.sh/Release": content("all that the chart has installed"),
    "networking.k8s.io/Ingress": both("its address and the requests that it routes"),
    "random:index/RandomBytes": both("the secret: all that use it need the new one"),
    "random:index/RandomId": _VALUE,
    "random:index/RandomPassword": Lost(
        deleted="the password: whoever still uses it is locked out",
        replaced="the former password: all that use it need the new one",
    ),
    "random:index/RandomPet": _VALUE,
    "random:index/RandomString": _VALUE,
    "random:index/RandomUuid": _VALUE,
    "rbac.authorization.k8s.io/ClusterRole": _RIGHTS,
    "rbac.authorization.k8s.io/ClusterRoleBinding": _RIGHTS,
    "rbac.authorization.k8s.io/Role": _RIGHTS,
    "rbac.authorization.k8s.io/RoleBinding": _RIGHTS,
    "tls:index/LocallySignedCert": Lost(
        deleted="the certificate: what serves with it is not trusted any more", replaced=None
    ),
    "tls:index/PrivateKey": Lost(
        deleted="the key: certificates made with it cannot be used any more",
        replaced="the former key: certificates made with it have to be made anew",
    ),
    "tls:index/SelfSignedCert": Lost(
        deleted="the certificate: what it signed is not trusted any more",
        replaced="the former certificate: all that trust it need the new one",
    ),
    "traefik.io/IngressRoute": _ROUTES,
    "traefik.io/Middleware": meanwhile("the routes that name it, which fail without it"),
}
"""Kind, as `policies.resource.kind_of` names it → what goes with it."""
