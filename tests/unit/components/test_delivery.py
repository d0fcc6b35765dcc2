"""Unit: how secrets get to pods through Secrets Manager, and who may read them on the way."""

import json
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.identity import document
from components.secrets import SecretAccess, Vault
from components.secrets.access import controllers, reader_name, readers, trust
from components.secrets.secrets_manager import protection, versioned
from tests import recording, samples_delivery
from tests.recording import Properties, Recording, deploy
from tests.samples_delivery import ACCOUNT, CONTROLLER, KEY, Delivered


def delivering(vault: Vault, **files: str) -> Recording:
    def program() -> None:
        access = SecretAccess("research-secrets", samples_delivery.access_args(vault))
        secret = {name: pulumi.Output.secret(content) for name, content in files.items()}
        Delivered("extractor", access.delivery, secret)

    return deploy(program)


@pytest.fixture(scope="module")
def built() -> Recording:
    return deploy(samples_delivery.delivered)


def mirror(built: Recording) -> Properties:
    return built.one("ExternalSecret").inputs


def statements(built: Recording, kind: str) -> list[dict[str, Any]]:
    return json.loads(built.one(kind).inputs["policy"])["Statement"]


def test_a_secret_lies_under_its_namespace_and_under_the_stacks_own_key(built: Recording) -> None:
    secret = built.one("Secret", "extractor-secrets").inputs
    assert secret["name"] == "agent-platform/test/research/extractor-secrets"
    assert secret["kmsKeyId"] == KEY


@pytest.mark.parametrize(("protect", "days"), [(True, 30), (False, 0)])
def test_a_deleted_secret_can_be_called_back_where_the_stack_is_protected(
    protect: bool, days: int
) -> None:
    built = delivering(samples_delivery.vault(protect=protect), one="a")
    assert built.one("Secret", "extractor-secrets").inputs["recoveryWindowInDays"] == days


def test_the_content_is_secret_in_the_state_and_in_the_preview(built: Recording) -> None:
    version = built.one("SecretVersion")
    assert version.secrets == {"secretString"}
    assert json.loads(version.inputs["secretString"]) == {
        "tls.crt": "certificate",
        "database__password": "password-of-the-database",
    }
    others = [each.inputs for each in built.resources if each is not version]
    assert "password-of-the-database" not in str(others)


def test_nothing_is_kept_in_a_secret_before_its_policy_stands(built: Recording) -> None:
    assert built.one("SecretPolicy").urn in built.one("SecretVersion").dependencies


def test_pods_get_exactly_the_version_that_was_made(built: Recording) -> None:
    spec = mirror(built)["spec"]
    made = recording.AWS_OUTPUTS["SecretVersion"]["versionId"]
    (source,) = spec["dataFrom"]
    assert source == {
        "extract": {
            "key": "arn:aws:test:eu-central-1:123456789012:Secret/extractor-secrets",
            "version": f"uuid/{made}",
        }
    }
    assert spec["target"]["immutable"] is True
    assert spec["refreshPolicy"] == "CreatedOnce"


def test_the_secret_in_the_cluster_is_called_as_the_object_that_brings_it(built: Recording) -> None:
    # One whose target's name changed would delete what pods on their way out still mount.
    assert "name" not in mirror(built)["spec"]["target"]
    urn = next(each.urn for each in built.components if each.name == "extractor")
    assert built.outputs[urn]["secret"] == mirror(built)["metadata"]["name"]


def test_another_version_comes_under_another_name(
    built: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(recording.AWS_OUTPUTS, "SecretVersion", {"versionId": "terraform-2"})
    rotated = deploy(samples_delivery.delivered)
    assert mirror(rotated)["metadata"]["name"] != mirror(built)["metadata"]["name"]


@given(name=st.from_regex(r"[a-z][a-z0-9-]{0,60}", fullmatch=True), version=st.text(min_size=1))
def test_a_name_is_one_kubernetes_takes_and_shows_no_version(name: str, version: str) -> None:
    made = versioned(name, version)
    assert len(made) <= 253
    assert made == f"{name}-{made[-10:]}"
    assert set(made[-10:]) <= set("0123456789abcdef")


def test_no_files_are_a_secret_without_content_and_nothing_in_secrets_manager() -> None:
    built = delivering(samples_delivery.vault())
    assert built.one("Secret", "extractor-secrets").type == "kubernetes:core/v1:Secret"
    assert not built.kind("SecretVersion", "ExternalSecret")


def test_nobody_reads_a_secret_without_tls(built: Recording) -> None:
    (only,) = statements(built, "SecretPolicy")
    assert only["Effect"] == "Deny"
    assert only["Principal"] == "*"
    assert only["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_with_deployers_named_nobody_else_but_the_reader_gets_at_the_content() -> None:
    deployer = ACCOUNT.arn("iam", "role/deployer", regional=False)
    built = delivering(samples_delivery.vault(deployers=(deployer,)), one="a")
    _, others = statements(built, "SecretPolicy")
    assert others["Effect"] == "Deny"
    assert others["Action"] == "secretsmanager:GetSecretValue"
    reader = "arn:aws:test:eu-central-1:123456789012:Role/research-secrets-role"
    assert others["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": [reader, deployer]}}


def test_a_policy_never_allows_anything() -> None:
    for named in ([], ["arn:aws:iam::123456789012:role/reader"]):
        assert {each["Effect"] for each in protection(named)["Statement"]} == {"Deny"}


def test_a_namespaces_reader_sees_the_secrets_of_that_namespace_and_no_others(
    built: Recording,
) -> None:
    read, decrypt = statements(built, "RolePolicy")
    own = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:agent-platform/test/research/*"
    assert read["Action"] == ["secretsmanager:GetSecretValue"]
    assert read["Resource"] == [own]
    assert decrypt["Action"] == ["kms:Decrypt"]
    assert decrypt["Resource"] == [KEY]
    assert decrypt["Condition"] == {
        "StringEquals": {"kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com"},
        "ArnLike": {"kms:EncryptionContext:SecretARN": [own]},
    }


def test_a_foreign_secret_is_read_by_its_exact_arn_and_its_own_key() -> None:
    master = samples_delivery.MASTER
    read, decrypt = document(readers(samples_delivery.vault(), "stores", [master]))["Statement"]
    assert read["Resource"][1:] == [master.arn]
    assert decrypt["Resource"] == [KEY, master.key_arn]


def test_a_reader_is_taken_on_by_the_controller_alone(built: Recording) -> None:
    (only,) = json.loads(built.one("Role").inputs["assumeRolePolicy"])["Statement"]
    assert only == trust(CONTROLLER)["Statement"][0]
    assert only["Principal"] == {"AWS": CONTROLLER}


def test_the_controller_may_become_the_readers_and_read_nothing_itself(built: Recording) -> None:
    (only,) = controllers(ACCOUNT, "agents", ["research"])
    assert only.actions == ("sts:AssumeRole", "sts:TagSession")
    name = built.one("Role").inputs["name"]
    assert only.resources == (f"arn:aws:iam::123456789012:role/{name}",)


@given(namespace=st.from_regex(r"[a-z][a-z0-9-]{0,62}", fullmatch=True))
def test_a_readers_name_fits_into_iam_and_is_its_namespaces_own(namespace: str) -> None:
    name = reader_name("a-cluster-with-a-name-of-some-length", namespace)
    assert len(name) <= 64
    assert name != reader_name("a-cluster-with-a-name-of-some-length", f"{namespace}0")


def test_the_store_of_a_namespace_reads_as_the_namespaces_reader(built: Recording) -> None:
    store = built.one("SecretStore").inputs
    assert store["metadata"]["namespace"] == "research"
    # No `auth`: the controller is known by its pod's identity.
    assert store["spec"]["provider"]["aws"] == {
        "service": "SecretsManager",
        "region": "eu-central-1",
        "role": "arn:aws:test:eu-central-1:123456789012:Role/research-secrets-role",
    }


def test_objects_of_the_controller_wait_for_the_controller() -> None:
    def program() -> None:
        release = samples_delivery.secret_access()
        late = samples_delivery.vault(ready=(release,))
        SecretAccess("late", samples_delivery.access_args(late))

    store = deploy(program).one("SecretStore", "late-store")
    assert any("research-secrets-store" in each for each in store.dependencies)
