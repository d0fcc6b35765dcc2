"""What a stack stands on: clusters, stores, a way for secrets, a way in. Local or on AWS, used alike."""

from components.cluster.settings import ContextSettings, EksSettings
from components.edge import GatewaySettings
from components.foundation.site import Foundation, Ground
from components.stores import StoreSettings
from components.stores.aws_settings import AwsStoreSettings


def own_images(cluster: ContextSettings | EksSettings) -> tuple[str, ...]:
    """The project's images that the platform itself runs, whatever the agents are."""
    return ("postgres", "traefik") if cluster.kind == "eks" else ("postgres", "redis", "traefik")


def pulled(reference: str, cluster: ContextSettings | EksSettings, stack: str) -> str:
    """From where the cluster's nodes take an image of this project: its digest stays the same."""
    if cluster.kind == "context":
        return reference
    from components.foundation import aws  # noqa: PLC0415 (an SDK that a local stack has no use for)

    return aws.image(reference, cluster, stack)


def lay(
    ground: Ground,
    cluster: ContextSettings | EksSettings,
    stores: StoreSettings | AwsStoreSettings,
    gateway: GatewaySettings,
) -> Foundation:
    """The foundation that the settings describe. That they fit together is for the configuration to see."""
    if isinstance(cluster, ContextSettings) and isinstance(stores, StoreSettings):
        from components.foundation import local  # noqa: PLC0415 (only what the stack uses is loaded)

        return local.lay(ground, cluster, stores)
    if isinstance(cluster, EksSettings) and isinstance(stores, AwsStoreSettings):
        from components.foundation import aws  # noqa: PLC0415 (as above)

        if gateway.balancer is not None:
            return aws.lay(
                aws.AwsFoundationArgs(
                    ground=ground, cluster=cluster, stores=stores, balancer=gateway.balancer
                )
            )
    raise ValueError(
        f"got cluster.kind {cluster.kind}, stores.kind {stores.kind} and "
        f"{'a' if gateway.balancer else 'no'} gateway.balancer, wanted context with cluster and none, or "
        "eks with aws and one"
    )
