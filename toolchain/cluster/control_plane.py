"""The command lines of the control plane, from addresses and files alone."""

from dataclasses import dataclass

from toolchain.cluster.layout import Layout
from toolchain.cluster.pki import SERVICE_ACCOUNT_KEY
from toolchain.cluster.settings import Settings
from toolchain.cluster.supervision import Program, flags


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the control plane listens: in the node, or on loopback where there is none."""

    bind: str
    advertise: str
    api_port: int
    etcd_client_port: int = 2379
    etcd_peer_port: int = 2380
    controller_manager_port: int = 10257
    scheduler_port: int = 10259

    @property
    def server(self) -> str:
        """The API server's URL for everything beside it."""
        host = self.advertise if self.bind == "0.0.0.0" else self.bind  # noqa: S104 - compared only
        return f"https://{host}:{self.api_port}"


def node_addresses(settings: Settings) -> Addresses:
    """Addresses inside the node's own network namespace."""
    # Every interface of the namespace is ours: loopback, the link to the host, and the pods'.
    everywhere = "0.0.0.0"  # noqa: S104 - inside the node's network namespace
    return Addresses(bind=everywhere, advertise=settings.node_ip, api_port=6443)


def etcd(layout: Layout, addresses: Addresses) -> Program:
    """The database; only the API server's certificate may speak to it."""
    client = f"https://127.0.0.1:{addresses.etcd_client_port}"
    peer = f"http://127.0.0.1:{addresses.etcd_peer_port}"
    options = flags(
        {
            "name": "node",
            "data-dir": layout.etcd,
            "listen-client-urls": client,
            "advertise-client-urls": client,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"node={peer}",
            "cert-file": layout.pki / "etcd-server.crt",
            "key-file": layout.pki / "etcd-server.key",
            "trusted-ca-file": layout.pki / "etcd-ca.crt",
            "client-cert-auth": True,
            "logger": "zap",
            "log-level": "warn",
        }
    )
    return Program(
        name="etcd",
        command=(str(layout.tools / "etcd"), *options),
        priority=100,
        autostart=True,
        stop_seconds=20,
    )


def apiserver(layout: Layout, settings: Settings, addresses: Addresses) -> Program:
    """The API server: RBAC, node authorizer, aggregation, secrets encrypted at rest."""
    pki = layout.pki
    options = flags(
        {
            "bind-address": addresses.bind,
            "secure-port": addresses.api_port,
            "advertise-address": addresses.advertise,
            "etcd-servers": f"https://127.0.0.1:{addresses.etcd_client_port}",
            "etcd-cafile": pki / "etcd-ca.crt",
            "etcd-certfile": pki / "etcd-client.crt",
            "etcd-keyfile": pki / "etcd-client.key",
            "encryption-provider-config": layout.config / "encryption.yaml",
            "client-ca-file": pki / "ca.crt",
            "tls-cert-file": pki / "apiserver.crt",
            "tls-private-key-file": pki / "apiserver.key",
            "kubelet-certificate-authority": pki / "ca.crt",
            "kubelet-client-certificate": pki / "apiserver-kubelet-client.crt",
            "kubelet-client-key": pki / "apiserver-kubelet-client.key",
            "kubelet-preferred-address-types": "InternalIP",
            "service-account-issuer": f"https://kubernetes.default.svc.{settings.domain}",
            "service-account-key-file": pki / f"{SERVICE_ACCOUNT_KEY}.pub",
            "service-account-signing-key-file": pki / f"{SERVICE_ACCOUNT_KEY}.key",
            "service-cluster-ip-range": settings.service_cidr,
            "requestheader-client-ca-file": pki / "front-proxy-ca.crt",
            "requestheader-allowed-names": "front-proxy-client",
            "requestheader-username-headers": "X-Remote-User",
            "requestheader-group-headers": "X-Remote-Group",
            "requestheader-extra-headers-prefix": "X-Remote-Extra-",
            "proxy-client-cert-file": pki / "front-proxy-client.crt",
            "proxy-client-key-file": pki / "front-proxy-client.key",
            "authorization-mode": "Node,RBAC",
            "enable-admission-plugins": "NodeRestriction",
            "allow-privileged": True,
            "anonymous-auth": False,
            "profiling": False,
        }
    )
    return Program(
        name="kube-apiserver",
        command=(str(layout.tools / "kube-apiserver"), *options),
        priority=200,
        autostart=True,
        stop_seconds=15,
    )


def controller_manager(layout: Layout, settings: Settings, addresses: Addresses) -> Program:
    """All controllers, with an autoscaler that reacts within seconds."""
    pki = layout.pki
    kubeconfig = layout.config / "controller-manager.kubeconfig"
    options = flags(
        {
            "bind-address": "127.0.0.1",
            "secure-port": addresses.controller_manager_port,
            "kubeconfig": kubeconfig,
            "authentication-kubeconfig": kubeconfig,
            "authorization-kubeconfig": kubeconfig,
            # One instance: an election would only delay the start by the old lease's rest.
            "leader-elect": False,
            "use-service-account-credentials": True,
            "service-account-private-key-file": pki / f"{SERVICE_ACCOUNT_KEY}.key",
            "root-ca-file": pki / "ca.crt",
            "cluster-signing-cert-file": pki / "ca.crt",
            "cluster-signing-key-file": pki / "ca.key",
            "allocate-node-cidrs": True,
            "cluster-cidr": settings.pod_cidr,
            "service-cluster-ip-range": settings.service_cidr,
            "horizontal-pod-autoscaler-sync-period": "5s",
            "horizontal-pod-autoscaler-initial-readiness-delay": "10s",
            "horizontal-pod-autoscaler-cpu-initialization-period": "30s",
        }
    )
    return Program(
        name="kube-controller-manager",
        command=(str(layout.tools / "kube-controller-manager"), *options),
        priority=300,
    )


def scheduler(layout: Layout, addresses: Addresses) -> Program:
    """The scheduler."""
    kubeconfig = layout.config / "scheduler.kubeconfig"
    options = flags(
        {
            "bind-address": "127.0.0.1",
            "secure-port": addresses.scheduler_port,
            "kubeconfig": kubeconfig,
            "authentication-kubeconfig": kubeconfig,
            "authorization-kubeconfig": kubeconfig,
            "leader-elect": False,
        }
    )
    return Program(
        name="kube-scheduler",
        command=(str(layout.tools / "kube-scheduler"), *options),
        priority=300,
    )


def control_plane(layout: Layout, settings: Settings, addresses: Addresses) -> tuple[Program, ...]:
    """What every cluster of ours has, with a real node or a simulated one."""
    return (
        etcd(layout, addresses),
        apiserver(layout, settings, addresses),
        controller_manager(layout, settings, addresses),
        scheduler(layout, addresses),
    )
