"""Unit: which clusters a stack file may ask for, and which way their versions go."""

import pytest
from pydantic import TypeAdapter, ValidationError

from components.cluster import ClusterSettings, ContextSettings, EksSettings, upgrade_fault
from components.cluster.addons import BOOTSTRAP, SERVICES
from components.cluster.versions import ADDONS, addon_versions
from tests import samples_cluster as samples

OTHER_ACCOUNT = "arn:aws:iam::999999999999:role/deployer"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"account": "1234"}, "is no AWS account: write its twelve digits"),
        ({"region": "eu-central-1a"}, "is no AWS region"),
        ({"region": "frankfurt"}, "is no AWS region"),
        ({"region": "eu-west-1"}, "name zones of eu-west-1"),
        ({"version": "1.20"}, "choose from 1.34, 1.35"),
        ({"version": "1.34.4"}, "has no tested set of add-ons"),
        ({"service_cidr": "10.20.0.0/20"}, "share addresses"),
        ({"service_cidr": "100.64.0.0/16"}, "cannot hold the addresses of Services"),
        ({"service_cidr": "172.20.0.0/26"}, "from /12 to /24"),
        ({"service_cidr": "172.20.0.1/16"}, "is no IPv4 network"),
        ({"public_access": ("0.0.0.0/0",)}, "lets the internet call the API server"),
        ({"public_access": ("0.0.0.0/1", "128.0.0.0/1")}, "lets the internet"),
        ({"public_access": ("203.0.113.7",) * 2}, "more than once"),
        ({"public_access": ("everybody",)}, "is no IPv4 network"),
        ({"public_access": tuple(f"203.0.113.{n}/32" for n in range(41))}, "EKS takes 40"),
        ({"administrators": ()}, "at least 1 item"),
        ({"administrators": (OTHER_ACCOUNT,)}, "is a role of account 999999999999"),
        ({"administrators": ("arn:aws-cn:iam::123456789012:role/a",)}, "is in partition aws-cn"),
        ({"administrators": ("arn:aws:iam::123456789012:user/a",)}, "is no IAM role"),
        ({"administrators": ("arn:aws:iam::123456789012:root",)}, "is no IAM role"),
        (
            {"administrators": ("arn:aws:sts::123456789012:assumed-role/a/me",)},
            "is a session of a role",
        ),
        ({"administrators": (samples.ADMINISTRATOR,) * 2}, "more than once"),
        ({"log_days": 100}, "Input should be 1, 3"),
        ({"nodes": ()}, "at least 1 item"),
        ({"nodes": (samples.GROUP, samples.GROUP)}, "node group 'general' is there more than once"),
        ({"identity": "keys"}, "'pod_identity' or 'irsa'"),
        ({"name": "Agents_Prod"}, "use lower-case letters"),
        ({"previous_version": "1.33"}, "Extra inputs are not permitted"),
    ],
)
def test_a_cluster_that_could_not_be_made_is_refused(
    changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        samples.eks_settings(**changes)


def test_every_fault_of_a_cluster_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as raised:
        samples.eks_settings(administrators=(OTHER_ACCOUNT,), service_cidr="10.20.0.0/20")
    assert "share addresses" in str(raised.value)
    assert "is a role of account" in str(raised.value)


def test_the_kind_tells_a_cluster_that_is_there_from_one_to_be_made() -> None:
    adapter: TypeAdapter[ContextSettings | EksSettings] = TypeAdapter(ClusterSettings)
    assert isinstance(
        adapter.validate_python({"kind": "context", "context": "dev"}), ContextSettings
    )
    written = samples.eks_settings().model_dump_json()
    assert adapter.validate_json(written) == samples.eks_settings()
    with pytest.raises(ValidationError, match="'context', 'eks'"):
        adapter.validate_python({"kind": "gke"})


@pytest.mark.parametrize(("running", "wanted"), [("1.34", "1.34"), ("1.34", "1.35")])
def test_a_cluster_stays_or_goes_up_by_one(running: str, wanted: str) -> None:
    assert upgrade_fault(running, wanted) is None


@pytest.mark.parametrize(
    ("running", "wanted", "reason"),
    [
        ("1.33", "1.35", "set cluster.version to 1.34 first"),
        ("1.35", "1.34", "cannot take it back"),
        ("1.09", "1.11", "set cluster.version to 1.10 first"),
    ],
)
def test_a_cluster_never_skips_a_version_or_goes_back(
    running: str, wanted: str, reason: str
) -> None:
    assert reason in (upgrade_fault(running, wanted) or "")


def test_a_version_that_is_none_is_not_compared() -> None:
    with pytest.raises(ValueError, match="no minor version"):
        upgrade_fault("1.34.4", "1.35")


@pytest.mark.parametrize("version", ADDONS)
def test_every_version_pins_every_addon_to_a_build(version: str) -> None:
    pinned = addon_versions(version)
    assert set(pinned) == {*BOOTSTRAP, *SERVICES}
    assert all("-eksbuild." in each for each in pinned.values())
    assert pinned["kube-proxy"].startswith(f"v{version}.")
