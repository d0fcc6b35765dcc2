"""e2e: the deployed platform answers, is as restricted as it claims, and a second update is empty."""

import base64
import json
import re

import httpx2 as httpx
import pytest

from tests.e2e.platform import DOCUMENT, EDGE, EXTRACT, ROOT, STACK, get, kubectl, pulumi, run
from toolchain.cli.engine import policy_options

pytestmark = pytest.mark.e2e

WORKLOADS = "deployments,statefulsets,jobs"
OWN = ("research", "stores", "gateway")


def test_a_document_sent_through_the_gateway_is_answered_by_the_offline_model() -> None:
    response = httpx.post(EXTRACT, json={"document": DOCUMENT}, timeout=30)
    assert response.status_code == httpx.codes.OK, response.text
    assert "offline" in response.text
    for found in ("Acme Corp", "$1.2 million", "3 March 2025"):
        assert found in response.text


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"document": ""}', "application/json", 422),
        (b'{"document": "' + b"a" * 2_000_000 + b'"}', "application/json", 413),
        (b'{"document": "\xff\xfe"}', "application/json", 400),
        (b"not json", "application/json", 400),
    ],
    ids=["empty", "too large", "not UTF-8", "not JSON"],
)
def test_a_bad_document_is_refused_with_a_problem_that_says_why(
    body: bytes, kind: str, status: int
) -> None:
    response = httpx.post(EXTRACT, content=body, headers={"content-type": kind}, timeout=30)
    assert response.status_code == status
    assert response.headers["content-type"].startswith("application/problem+json")
    assert response.json()["detail"]


def test_a_path_that_no_agent_has_is_not_found() -> None:
    assert httpx.get(f"{EDGE}/nobody", timeout=30).status_code == httpx.codes.NOT_FOUND


def test_an_unchanged_stack_has_nothing_to_do() -> None:
    output = pulumi("preview", "--expect-no-changes", *policy_options(STACK, ROOT))
    assert "unchanged" in output


@pytest.mark.parametrize("namespace", OWN)
def test_the_api_server_takes_every_workload_under_restricted_without_a_warning(
    namespace: str,
) -> None:
    (found,) = [n for n in get("namespaces") if n["metadata"]["name"] == namespace]
    assert found["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    live = kubectl("get", WORKLOADS, "-n", namespace, "-o", "yaml").stdout
    answer = kubectl("replace", "--dry-run=server", "-f", "-", stdin=live)
    assert "Warning" not in answer.stderr
    relabelled = kubectl(
        "label",
        "--dry-run=server",
        "--overwrite",
        "namespace",
        namespace,
        "pod-security.kubernetes.io/enforce=restricted",
    )
    assert "Warning" not in relabelled.stderr


def test_no_secret_stands_in_the_state_in_plain() -> None:
    kept = pulumi("stack", "export")
    secrets = set(
        re.findall(r'"plaintext": "\\"(.{20,}?)\\""', pulumi("stack", "export", "--show-secrets"))
    )
    assert len(secrets) > 10
    assert any("PRIVATE KEY" in secret for secret in secrets)
    forms = {form for secret in secrets for form in (secret, _as_kubernetes_keeps_it(secret))}
    assert not [form[:4] for form in forms if form in kept]


def _as_kubernetes_keeps_it(secret: str) -> str:
    # As it stands in the export: JSON in a string of JSON.
    text: str = json.loads(json.loads(f'"\\"{secret}\\""'))
    return base64.b64encode(text.encode()).decode()


def test_every_container_runs_an_image_by_digest() -> None:
    for namespace in OWN:
        for pod in get("pods", "-n", namespace):
            for container in pod["spec"]["containers"]:
                assert "@sha256:" in container["image"], pod["metadata"]["name"]


def test_status_is_well_and_says_what_runs() -> None:
    done = run("make", "--no-print-directory", "status")
    assert "feature-extractor" in done.stdout
