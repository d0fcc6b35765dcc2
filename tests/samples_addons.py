"""The add-ons of a cluster, and who they are to AWS, that tests build from."""

import pulumi

from components.account import Account
from components.addons import CHARTS, Addons, AddonsArgs, Caller, Surroundings
from components.addons.load_balancer_controller import controller_statements
from components.cluster.autoscaling import SERVICE_ACCOUNT, autoscaler_statements
from components.identity import Federation, Identity, IdentityArgs, Mode
from components.secrets.access import controllers

ACCOUNT = Account(id="123456789012", region="eu-central-1")
CLUSTER = "agents-prod"
AROUND = Surroundings(network="10.42.0.0/16", services="172.20.0.0/16")
ISSUER = "https://oidc.eks.eu-central-1.amazonaws.com/id/0A1B2C3D"


def _identities(mode: Mode) -> dict[Caller, Identity]:
    federation = Federation(
        account=ACCOUNT,
        cluster=CLUSTER,
        ready=CLUSTER,
        mode=mode,
        provider_arn=ACCOUNT.arn("iam", f"oidc-provider/{ISSUER[8:]}", regional=False),
        issuer=ISSUER,
    )
    statements = {
        "aws-load-balancer-controller": controller_statements(ACCOUNT, (CLUSTER,)),
        "external-secrets": controllers(ACCOUNT, CLUSTER, ("research",)),
        "cluster-autoscaler": autoscaler_statements(ACCOUNT, CLUSTER),
    }
    callers: tuple[Caller, ...] = (
        "aws-load-balancer-controller",
        "external-secrets",
        "cluster-autoscaler",
    )
    return {
        caller: Identity(
            f"identity-{caller}",
            IdentityArgs(
                cluster=federation,
                namespace=CHARTS[caller].namespace,
                service_account=SERVICE_ACCOUNT if caller == "cluster-autoscaler" else caller,
                statements=statements[caller],
            ),
        )
        for caller in callers
    }


def addons_args(mode: Mode = "pod_identity") -> AddonsArgs:
    """All of them."""
    return AddonsArgs(
        account=ACCOUNT,
        cluster=CLUSTER,
        version="1.34",
        vpc_id=pulumi.Output.from_input("vpc-0a1b2c3d"),
        around=AROUND,
        identities=_identities(mode),
    )


def addons() -> Addons:
    """The component, for tests of what every component promises."""
    return Addons("addons", addons_args())
