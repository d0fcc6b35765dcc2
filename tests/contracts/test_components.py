"""Contracts: what every component of the platform promises, whichever it is."""

import re
from collections.abc import Callable

import pytest

from components.agents import Agent
from components.edge import Gateway
from components.secrets import Authority, Credential, CredentialArgs
from components.stores import Database, Stores
from components.tenancy import Tenant
from tests import (
    samples,
    samples_addons,
    samples_aws_stores,
    samples_balancer,
    samples_cluster,
    samples_delivery,
    samples_network,
)
from tests.recording import Recording, deploy


def _database() -> Database:
    stores = Stores("stores", samples.stores_args(Authority("platform")))
    return Database("database", samples.database_args(stores))


COMPONENTS: dict[str, Callable[[], object]] = {
    "tenant": lambda: Tenant("tenant", samples.tenant_args()),
    "authority": lambda: Authority("authority"),
    "credential": lambda: Credential("credential", CredentialArgs(slots=samples.SLOTS)),
    "stores": lambda: Stores("stores", samples.stores_args(Authority("platform"))),
    "database": _database,
    "gateway": lambda: Gateway("gateway", samples.gateway_args()),
    "agent": lambda: Agent("agent", samples.agent_args()),
    "network": samples_network.network,
    "key": samples_network.key,
    "registry": samples_network.registry,
    "cluster": samples_cluster.cluster,
    "node-group": samples_cluster.node_group,
    "identity": samples_cluster.identity,
    "load-balancer": samples_balancer.load_balancer,
    "network-balancer": lambda: samples_balancer.load_balancer(samples_balancer.network()),
    "rds": samples_aws_stores.rds,
    "elasticache": samples_aws_stores.elasticache,
    "backup": samples_aws_stores.backup,
    "addons": samples_addons.addons,
    "secret-access": samples_delivery.secret_access,
    "delivered": samples_delivery.delivered,
    "remote-postgres": samples_delivery.remote_postgres,
    "remote-database": samples_delivery.remote_database,
}


@pytest.fixture(params=COMPONENTS, scope="module")
def built(request: pytest.FixtureRequest) -> Recording:
    return deploy(COMPONENTS[request.param])


def test_every_child_has_a_component_as_its_parent(built: Recording) -> None:
    components = {each.urn for each in built.components}
    for each in built.resources:
        if each.custom:
            assert each.parent in components, each.name


def test_every_component_registers_the_outputs_it_declares(built: Recording) -> None:
    for each in built.components:
        assert built.outputs.get(each.urn), f"{each.name} registered nothing"


def test_type_tokens_name_the_module_and_the_class(built: Recording) -> None:
    for each in built.components:
        assert re.fullmatch(r"agents:[a-z_]+:[A-Z][A-Za-z]+", each.type)


def test_child_names_start_with_the_name_of_their_component(built: Recording) -> None:
    names = {each.urn: each.name for each in built.components}
    for each in built.resources:
        if each.parent in names:
            assert each.name.startswith(names[each.parent]), each.name


def test_every_namespaced_object_names_its_namespace(built: Recording) -> None:
    for each in built.resources:
        if each.type.startswith("kubernetes:") and each.kind not in {"Namespace", "Release"}:
            assert each.inputs["metadata"].get("namespace"), each.name


def test_every_object_carries_the_standard_labels(built: Recording) -> None:
    for each in built.resources:
        if each.type.startswith("kubernetes:") and each.kind != "Release":
            labels = each.inputs["metadata"]["labels"]
            assert labels["app.kubernetes.io/part-of"] == "agent-platform", each.name


def test_no_generated_secret_is_handed_over_in_plain(built: Recording) -> None:
    for each in built.kind("Secret"):
        for key, value in each.inputs.get("stringData", {}).items():
            if "password-of" in value or "key-of" in value:
                assert {"stringData", f"stringData.{key}"} & each.secrets, f"{each.name}: {key}"
    for each in built.kind("SecretVersion"):
        assert "secretString" in each.secrets, each.name


def test_no_config_map_holds_a_generated_secret(built: Recording) -> None:
    for each in built.kind("ConfigMap"):
        for key, value in each.inputs["data"].items():
            assert "password-of" not in value, f"{each.name}: {key}"
            assert "key-of" not in value, f"{each.name}: {key}"


def test_every_pod_is_restricted_by_construction(built: Recording) -> None:
    for name, pod in built.pods():
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault", name
        for container in pod["containers"]:
            security = container["securityContext"]
            assert security["allowPrivilegeEscalation"] is False, name
            assert security["readOnlyRootFilesystem"] is True, name
            assert security["capabilities"] == {"drop": ["ALL"]}, name


def test_every_container_is_pinned_by_digest_and_has_requests_and_limits(built: Recording) -> None:
    for name, pod in built.pods():
        for container in pod["containers"]:
            assert "@sha256:" in container["image"], name
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}, name
            assert container["resources"]["limits"].keys() == {"cpu", "memory"}, name


def test_every_pod_has_a_network_policy_that_governs_both_directions(built: Recording) -> None:
    policies = [each.inputs["spec"] for each in built.kind("NetworkPolicy")]
    for each in built.kind("Deployment", "StatefulSet", "Job"):
        labels = each.inputs["spec"]["template"]["metadata"]["labels"]
        governing = [
            policy
            for policy in policies
            if policy["podSelector"].get("matchLabels")
            and policy["podSelector"]["matchLabels"].items() <= labels.items()
        ]
        assert governing, each.name
        for policy in governing:
            assert set(policy["policyTypes"]) == {"Ingress", "Egress"}, each.name
