"""Unit: what follows from one agent's entry."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from components.agents import Agent, AgentSettings
from components.agents.network import Neighbours
from components.agents.placement import dedicated
from components.agents.pod import grace_seconds
from components.agents.settings import Model, Permission, Scale
from components.edge.proxy import PODS
from components.identity import Identity, Mode
from components.network.policy import identity_agent
from components.stores import way_to
from tests import samples, samples_cluster, samples_delivery
from tests.recording import Properties, Recording, deploy


def build(settings: AgentSettings) -> Recording:
    return deploy(lambda: Agent("extractor", samples.agent_args(settings)))


@pytest.fixture(scope="module")
def built() -> Recording:
    return build(samples.AGENT)


def wired(**wires: object) -> Recording:
    """The agent, with other wires than usual."""
    return deploy(lambda: Agent("extractor", replace(samples.agent_args(), **wires)))  # pyright: ignore[reportArgumentType] (any field)


def pod(recording: Recording) -> Properties:
    return recording.one("Deployment", "extractor-deployment").inputs["spec"]["template"]["spec"]


def test_an_update_adds_one_pod_and_takes_none_away_first(built: Recording) -> None:
    spec = built.one("Deployment", "extractor-deployment").inputs["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


def test_the_number_of_replicas_is_the_autoscalers(built: Recording) -> None:
    deployment = built.one("Deployment", "extractor-deployment")
    assert "replicas" not in deployment.inputs["spec"]
    assert deployment.ignored == ("spec.replicas",)


def test_the_autoscaler_follows_the_figures_of_the_specification(built: Recording) -> None:
    spec = built.one("HorizontalPodAutoscaler").inputs["spec"]
    targets = {
        m["resource"]["name"]: m["resource"]["target"]["averageUtilization"]
        for m in spec["metrics"]
    }
    assert targets == {"cpu": 70, "memory": 80}
    assert spec["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 300
    assert spec["behavior"]["scaleDown"]["policies"][0]["value"] == 10
    assert spec["behavior"]["scaleUp"]["stabilizationWindowSeconds"] == 60
    assert spec["behavior"]["scaleUp"]["policies"][0]["value"] == 50


def test_a_pod_has_time_to_leave_the_endpoints_and_to_drain(built: Recording) -> None:
    spec = pod(built)
    sleep = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert spec["terminationGracePeriodSeconds"] >= sleep + samples.AGENT.drain_seconds + 5
    assert grace_seconds(samples.AGENT) == spec["terminationGracePeriodSeconds"]


def test_secrets_are_files_and_never_environment(built: Recording) -> None:
    container = pod(built)["containers"][0]
    assert all("secretRef" not in source for source in container["envFrom"])
    assert {variable["name"] for variable in container["env"]} == {"POD_NAME", "NAMESPACE"}
    assert set(built.one("Secret", "extractor-secrets").inputs["stringData"]) == {
        "database__password",
        "redis__password",
    }


def test_what_pods_read_is_immutable_and_unnamed_so_that_a_change_rolls_them(
    built: Recording,
) -> None:
    for kind, name in (("ConfigMap", "extractor-environment"), ("Secret", "extractor-secrets")):
        each = built.one(kind, name)
        assert each.inputs["immutable"] is True
        assert "name" not in each.inputs["metadata"]


def test_the_migration_runs_before_the_release(built: Recording) -> None:
    migration = built.one("Job", "extractor-migration")
    assert migration.urn in built.one("Deployment", "extractor-deployment").dependencies


def test_an_agent_without_a_database_migrates_nothing() -> None:
    recording = build(samples.AGENT.model_copy(update={"stores": ("redis",)}))
    assert not [job for job in recording.kind("Job") if job.name.startswith("extractor")]


def test_an_agent_that_calls_nobody_reaches_no_public_address(built: Recording) -> None:
    egress = built.one("NetworkPolicy", "extractor-network").inputs["spec"]["egress"]
    assert not [peer for rule in egress for peer in rule["to"] if "ipBlock" in peer]


def test_an_agent_that_calls_out_reaches_public_https_and_no_private_network() -> None:
    recording = build(samples.AGENT.model_copy(update={"egress": ("api.example.com",)}))
    egress = recording.one("NetworkPolicy", "extractor-network").inputs["spec"]["egress"]
    (block,) = [
        (peer["ipBlock"], rule["ports"])
        for rule in egress
        for peer in rule["to"]
        if "ipBlock" in peer
    ]
    assert {"10.0.0.0/8", "169.254.0.0/16"} <= set(block[0]["except"])
    assert [port["port"] for port in block[1]] == [443]


def test_a_models_key_is_a_secret_file() -> None:
    model = Model(primary="openai:gpt-4o", api_key="model_key")
    recording = build(samples.AGENT.model_copy(update={"model": model}))
    secret = recording.one("Secret", "extractor-secrets")
    assert secret.inputs["stringData"]["model__api_key"] == "key"
    assert secret.secrets


def test_a_maximum_below_the_minimum_is_refused() -> None:
    with pytest.raises(ValueError, match="max is 1 and min is 2"):
        Scale(min=2, max=1)


def test_stores_outside_the_cluster_are_reached_by_their_addresses_and_ports() -> None:
    def program() -> None:
        neighbours = Neighbours(
            gateway="gateway",
            gateway_pods=PODS,
            stores={
                "postgres": way_to(["10.0.48.0/24"], 5432),
                "redis": way_to(["10.0.48.0/24", "10.0.49.0/24"], 6379),
            },
        )
        Agent("extractor", replace(samples.agent_args(), neighbours=neighbours))

    built = deploy(program)

    def reached(name: str) -> list[tuple[int, list[str]]]:
        _, *rules = built.one("NetworkPolicy", name).inputs["spec"]["egress"]
        return [
            (rule["ports"][0]["port"], [peer["ipBlock"]["cidr"] for peer in rule["to"]])
            for rule in rules
        ]

    database = (5432, ["10.0.48.0/24"])
    assert reached("extractor-network") == [database, (6379, ["10.0.48.0/24", "10.0.49.0/24"])]
    assert reached("extractor-migration-network") == [database]


def test_a_cache_with_an_authority_of_its_own_is_checked_against_that_one(built: Recording) -> None:
    def files(recording: Recording) -> tuple[Properties, str, str]:
        environment = recording.one("ConfigMap", "extractor-environment").inputs["data"]
        return (
            recording.one("ConfigMap", "extractor-authority").inputs["data"],
            environment["AGENT_DATABASE__CA_FILE"],
            environment["AGENT_REDIS__CA_FILE"],
        )

    def program() -> None:
        args = samples.agent_args()
        connections = replace(args.connections, redis_authority="OTHER")
        Agent("extractor", replace(args, connections=connections))

    assert files(built) == ({"ca.crt": "PEM"}, "/run/tls/ca.crt", "/run/tls/ca.crt")
    assert files(deploy(program)) == (
        {"ca.crt": "PEM", "redis.crt": "OTHER"},
        "/run/tls/ca.crt",
        "/run/tls/redis.crt",
    )


def test_pods_of_a_tenant_with_nodes_of_its_own_run_there_and_its_migration_too(
    built: Recording,
) -> None:
    placed = wired(placement=dedicated("research"))
    for each, (_, spec) in zip(built.pods(), placed.pods(), strict=True):
        assert not {"nodeSelector", "tolerations"} & each[1].keys()
        assert spec["nodeSelector"] == {"agents.platform/tenant": "research"}
        assert spec["tolerations"] == [
            {
                "key": "agents.platform/tenant",
                "operator": "Equal",
                "value": "research",
                "effect": "NoSchedule",
            }
        ]


def as_somebody(mode: Mode) -> Recording:
    """The agent with an identity in AWS, through a cluster that vouches by `mode`."""

    def program() -> None:
        args = samples.agent_args()
        identity = Identity("extractor", samples_cluster.identity_args(mode))
        cloud = replace(args.neighbours, cloud=[identity_agent()])
        Agent("extractor", replace(args, identity=identity, neighbours=cloud))

    return deploy(program)


def test_a_service_account_carries_who_it_is_outside_the_cluster(built: Recording) -> None:
    known = as_somebody("irsa").one("ServiceAccount").inputs["metadata"]
    assert known["annotations"]["eks.amazonaws.com/role-arn"].startswith("arn:aws:")
    assert "annotations" not in built.one("ServiceAccount").inputs["metadata"]


def test_pods_start_once_their_identity_is_there_and_may_ask_for_it() -> None:
    recording = as_somebody("pod_identity")
    association = recording.one("PodIdentityAssociation").urn
    assert association in recording.one("Deployment").dependencies
    egress = recording.one("NetworkPolicy", "extractor-network").inputs["spec"]["egress"]
    ports = {port["port"] for rule in egress for port in rule.get("ports", [])}
    assert 80 in ports


def test_an_agent_says_what_it_promises(built: Recording) -> None:
    metadata = built.one("Deployment").inputs["metadata"]
    assert metadata["annotations"] == {"agents.platform/slo": "99.9/500ms"}


def test_an_agent_may_not_be_given_more_than_it_names() -> None:
    with pytest.raises(ValidationError, match=r"wildcard|names"):
        Permission(actions=("s3:*",), resources=("*",))


def test_an_agents_secrets_come_the_way_that_is_given() -> None:
    def program() -> None:
        delivery = samples_delivery.secret_access().delivery
        Agent("extractor", replace(samples.agent_args(), delivery=delivery))

    built = deploy(program)
    volumes = {each["name"]: each for each in pod(built)["volumes"]}
    brought = built.one("ExternalSecret").inputs["metadata"]["name"]
    assert volumes["secrets"]["secret"]["secretName"] == brought
    assert not [each for each in built.kind("Secret") if each.type.startswith("kubernetes:")]
