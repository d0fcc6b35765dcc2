"""Samples of those who act in the account without being made in it."""

from tests.unit.toolchain.providers.aws.stand_in import Case

CASES = (
    Case(
        token="aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        inputs=lambda _: {
            "url": "https://oidc.eks.eu-central-1.amazonaws.com/id/0123",
            "clientIdLists": ["sts.amazonaws.com"],
        },
        changes={"clientIdLists": ["sts.amazonaws.com", "other"], "thumbprintLists": ["0" * 40]},
        replaces={"url": "https://other.example.com"},
        respelled=("url",),
    ),
    Case(
        token="aws:iam/serviceLinkedRole:ServiceLinkedRole",
        inputs=lambda _: {"awsServiceName": "autoscaling.amazonaws.com", "customSuffix": "own"},
        changes={"description": "Starts nodes"},
        replaces={"customSuffix": "other"},
    ),
)
