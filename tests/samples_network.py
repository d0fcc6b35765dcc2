"""A network, a key and a registry on AWS, small and valid, that tests build from."""

from components.account import Account
from components.network.settings import NetworkSettings
from components.network.vpc import Network, NetworkArgs
from components.registry import Registry, RegistryArgs, RegistrySettings
from components.secrets.key import Key, KeyArgs

ACCOUNT = Account(id="123456789012", region="eu-central-1")
ZONES = ("eu-central-1a", "eu-central-1b", "eu-central-1c")
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d"
LOGS = "logs.eu-central-1.amazonaws.com"
NETWORK = NetworkSettings(cidr="10.20.0.0/16", zones=ZONES)


def network_args(settings: NetworkSettings = NETWORK) -> NetworkArgs:
    """A network in three zones, for one cluster."""
    return NetworkArgs(settings=settings, account=ACCOUNT, clusters=("agents-prod",), key_arn=KEY)


def key_args(*, protect: bool = True, services: tuple[str, ...] = (LOGS,)) -> KeyArgs:
    """A key for logs."""
    return KeyArgs(
        account=ACCOUNT,
        alias="agents-prod-logs",
        description="Logs of the platform",
        protect=protect,
        services=services,
    )


def registry_args(
    settings: RegistrySettings | None = None, *, protect: bool = True
) -> RegistryArgs:
    """A registry with two repositories."""
    return RegistryArgs(
        settings=settings or RegistrySettings(),
        account=ACCOUNT,
        prefix="agents-prod",
        images=("agent-runtime", "traefik"),
        protect=protect,
        key_arn=KEY,
    )


def network() -> Network:
    """The network itself."""
    return Network("network", network_args())


def key() -> Key:
    """The key itself."""
    return Key("logs", key_args())


def registry() -> Registry:
    """The registry itself."""
    return Registry("registry", registry_args())
