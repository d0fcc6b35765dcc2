"""The value providers through a stack's life: previewed, made, kept, renewed, taken away."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.engine.host.conftest import Stack

pytestmark = pytest.mark.engine

PROGRAM = """
import pulumi
import pulumi_random as random
import pulumi_tls as tls

password = random.RandomPassword("password", length={length}, min_special=2)
name = random.RandomId("name", byte_length=4, prefix="db-")
ca_key = tls.PrivateKey("ca", algorithm="ECDSA", ecdsa_curve="P256")
ca = tls.SelfSignedCert(
    "ca",
    private_key_pem=ca_key.private_key_pem,
    is_ca_certificate=True,
    validity_period_hours=1000,
    allowed_uses=["cert_signing"],
    subject=tls.SelfSignedCertSubjectArgs(common_name="sample CA"),
)
key = tls.PrivateKey("server", algorithm="RSA", rsa_bits=2048)
request = tls.CertRequest(
    "server", private_key_pem=key.private_key_pem, dns_names=["redis.stores.svc"]
)
certificate = tls.LocallySignedCert(
    "server",
    ca_cert_pem=ca.cert_pem,
    ca_private_key_pem=ca_key.private_key_pem,
    cert_request_pem=request.cert_request_pem,
    validity_period_hours=100,
    early_renewal_hours=10,
    allowed_uses=["server_auth"],
)
pulumi.export("password", password.result)
pulumi.export("name", name.hex)
pulumi.export("key", key.private_key_pem)
pulumi.export("ca", ca.cert_pem)
pulumi.export("certificate", certificate.cert_pem)
"""


def test_a_stack_is_previewed_made_kept_and_taken_away(stack: Stack) -> None:
    stack.program(PROGRAM.format(length=24))
    assert "+ 8 to create" in stack.succeed("preview")
    assert "+ 8 created" in stack.succeed("up", "--yes")
    first = stack.outputs()
    assert len(first["password"]) == 24
    assert "8 unchanged" in stack.succeed("up", "--yes", "--expect-no-changes")
    assert stack.outputs() == first
    assert "8 unchanged" in stack.succeed("refresh", "--yes")
    assert "- 8 deleted" in stack.succeed("destroy", "--yes")


def test_the_certificate_is_the_keys_and_the_authoritys(stack: Stack) -> None:
    stack.program(PROGRAM.format(length=24))
    stack.succeed("up", "--yes", "--skip-preview")
    made = stack.outputs()
    certificate = x509.load_pem_x509_certificate(made["certificate"].encode())
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(made["ca"].encode()))
    key = load_pem_private_key(made["key"].encode(), password=None)
    assert certificate.public_key() == key.public_key()
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["redis.stores.svc"]


def test_no_secret_is_in_plain_text_in_the_state(stack: Stack) -> None:
    stack.program(PROGRAM.format(length=24))
    shown = stack.succeed("up", "--yes")
    made = stack.outputs()
    kept = "".join(file.read_text() for file in stack.paths.state.rglob("*") if file.is_file())
    assert made["password"] not in kept + shown
    assert json.dumps(made["key"])[40:80] not in kept + shown
    assert "PRIVATE KEY" not in kept + shown
    assert made["name"] in kept  # the state was looked at: what is no secret is there


def test_a_changed_input_replaces_that_value_and_no_other(stack: Stack) -> None:
    stack.program(PROGRAM.format(length=24))
    stack.succeed("up", "--yes", "--skip-preview")
    before = stack.outputs()
    stack.program(PROGRAM.format(length=32))
    assert "1 to replace" in stack.succeed("preview")
    stack.succeed("up", "--yes", "--skip-preview")
    after = stack.outputs()
    assert len(after["password"]) == 32
    assert {key: value for key, value in after.items() if key != "password"} == {
        key: value for key, value in before.items() if key != "password"
    }


def test_a_certificate_within_its_early_renewal_is_issued_again(stack: Stack) -> None:
    stack.program(PROGRAM.format(length=24))
    stack.succeed("up", "--yes", "--skip-preview")
    before = stack.outputs()
    # As if the stack had been left alone for 91 of the certificate's 100 hours.
    state: dict[str, Any] = json.loads(stack.checkpoint.read_text())
    for resource in state["checkpoint"]["latest"]["resources"]:
        if resource["type"] == "tls:index/locallySignedCert:LocallySignedCert":
            end = datetime.now(UTC) + timedelta(hours=9)
            resource["outputs"]["validityEndTime"] = end.strftime("%Y-%m-%dT%H:%M:%SZ")
    stack.checkpoint.write_text(json.dumps(state))
    assert "readyForRenewal" in stack.succeed("preview", "--diff")
    stack.succeed("up", "--yes", "--skip-preview")
    after = stack.outputs()
    assert after["certificate"] != before["certificate"]
    assert after["key"] == before["key"]
    assert after["ca"] == before["ca"]


def test_a_resource_that_is_not_served_names_the_official_plugin(stack: Stack) -> None:
    stack.program("import pulumi_random as random\nrandom.RandomPet('pet')\n")
    result = stack.run("preview")
    assert result.code != 0
    assert "pulumi plugin install resource random v" in result.output


def test_a_fault_in_an_input_is_named_before_anything_is_made(stack: Stack) -> None:
    stack.program(
        "import pulumi_random as random\nrandom.RandomPassword('p', length=3, min_numeric=5)\n"
    )
    result = stack.run("preview")
    assert result.code != 0
    assert "length is 3, but the classes of characters need at least 5" in result.output
