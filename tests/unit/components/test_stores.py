"""Unit: what the stores are told, and who may reach them."""

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError

from components.secrets import Authority, CredentialSettings, Slots
from components.stores import Database, RedisSettings, Stores
from components.stores.database import provisioning, retirement
from components.stores.redis import users
from components.stores.scram import verifier
from tests import samples, samples_delivery
from tests.recording import Properties, Recording, deploy


@pytest.fixture(scope="module")
def built() -> Recording:
    def program() -> None:
        stores = Stores("stores", samples.stores_args(Authority("platform")))
        Database("database", samples.database_args(stores))

    return deploy(program)


@pytest.fixture(scope="module")
def remote() -> Recording:
    return deploy(samples_delivery.remote_database)


def psql(built: Recording, job: str) -> Properties:
    """The environment of one job's psql."""
    pod = built.one("Job", job).inputs["spec"]["template"]["spec"]
    return {each["name"]: each["value"] for each in pod["containers"][0]["env"]}


def test_provisioning_may_run_again_without_creating_anything_twice() -> None:
    script = provisioning("research", Slots(period=0), "keep")
    for line in script.splitlines():
        if "CREATE" in line:
            assert "WHERE NOT EXISTS" in line
            assert line.endswith(r"\gexec")


def test_both_logins_may_connect_while_the_previous_password_is_kept() -> None:
    script = provisioning("research", Slots(period=0), "keep")
    assert "NOLOGIN;" not in script


@pytest.mark.parametrize(("period", "revoked"), [(0, "research_b"), (1, "research_a")])
def test_revoking_shuts_out_the_login_that_is_not_active(period: int, revoked: str) -> None:
    script = provisioning("research", Slots(period=period), "revoke")
    assert f'ALTER ROLE "{revoked}" NOLOGIN PASSWORD NULL;' in script
    assert f'ALTER ROLE "{revoked}" LOGIN' not in script


def test_no_password_stands_in_the_script(built: Recording) -> None:
    scripts = [config.inputs["data"] for config in built.kind("ConfigMap")]
    assert scripts
    assert "password-of" not in str(scripts)


def test_a_rotation_runs_every_job_of_the_superuser_again(built: Recording) -> None:
    jobs = built.kind("Job")
    assert len(jobs) == 2
    for job in jobs:
        annotations = job.inputs["spec"]["template"]["metadata"]["annotations"]
        assert annotations["agents.platform/credentials"] == "228"


def test_what_shuts_out_removed_tenants_names_each_one_that_stays() -> None:
    script = retirement(["b", "a"])
    assert script.count("NOT IN ('login of tenant a', 'login of tenant b')") == 2
    assert "DROP" not in script


def test_a_larger_volume_changes_the_claim_and_leaves_the_server_alone(built: Recording) -> None:
    larger = samples.STORES.postgres.model_copy(update={"storage": "2Gi"})
    settings = samples.STORES.model_copy(update={"postgres": larger})

    def program() -> None:
        args = replace(samples.stores_args(Authority("platform")), settings=settings)
        Stores("stores", args)

    grown = deploy(program)
    sizes = [
        each.one("PersistentVolumeClaim", "postgres-data").inputs["spec"]["resources"]["requests"]
        for each in (built, grown)
    ]
    assert sizes == [{"storage": "1Gi"}, {"storage": "2Gi"}]
    before, after = (each.one("StatefulSet", "postgres-server").inputs for each in (built, grown))
    assert before == after
    volumes = {each["name"]: each for each in after["spec"]["template"]["spec"]["volumes"]}
    assert volumes["data"]["persistentVolumeClaim"] == {"claimName": "postgres-data"}


def test_redis_has_to_evict_before_the_kernel_ends_it() -> None:
    with pytest.raises(ValidationError, match="lower max_memory"):
        RedisSettings(storage="1Gi", max_memory="256Mi", resources=samples.COMPUTE)


def test_a_rotation_does_not_restart_the_database(built: Recording) -> None:
    server = built.one("StatefulSet", "postgres-server")
    volumes = server.inputs["spec"]["template"]["spec"]["volumes"]
    names = [v["secret"]["secretName"] for v in volumes if v["name"] == "superuser"]
    assert names == ["postgres-superuser"]


def test_a_redis_user_sees_the_keys_of_its_tenant_only() -> None:
    assert users(["b", "a"]).splitlines() == [
        "a a:* /run/secrets/redis/a",
        "b b:* /run/secrets/redis/b",
    ]


def test_redis_takes_the_previous_password_until_the_next_rotation(built: Recording) -> None:
    passwords = built.one("Secret", "redis-passwords").inputs["stringData"]
    assert passwords["research"].splitlines() == [
        "password-of-stores-redis-research-a",
        "password-of-stores-redis-research-b",
    ]


def test_revoking_leaves_redis_one_password_for_each_user() -> None:
    revoked = CredentialSettings(previous="revoke")
    recording = deploy(
        lambda: Stores("stores", samples.stores_args(Authority("platform"), revoked))
    )
    passwords = recording.one("Secret", "redis-passwords").inputs["stringData"]
    assert passwords["research"] == "password-of-stores-redis-research-a"


def test_only_pods_with_the_stores_label_may_connect(built: Recording) -> None:
    policy = built.one("NetworkPolicy", "postgres-network").inputs["spec"]
    for rule in policy["ingress"]:
        for peer in rule["from"]:
            assert peer["podSelector"]["matchLabels"] == {"agents.platform/access-postgres": "true"}
    assert policy["egress"] == []


def test_jobs_for_a_server_outside_reach_its_addresses_and_nothing_else(remote: Recording) -> None:
    for name in ("database-network", "databases-retirement-network"):
        policy = remote.one("NetworkPolicy", name).inputs["spec"]
        assert policy["ingress"] == []
        dns, server = policy["egress"]
        assert [port["port"] for port in dns["ports"]] == [53, 53]
        assert [peer["ipBlock"]["cidr"] for peer in server["to"]] == [
            "10.0.48.0/24",
            "10.0.49.0/24",
        ]
        assert [port["port"] for port in server["ports"]] == [5432]


def test_the_namespace_of_jobs_for_a_server_outside_is_closed(remote: Recording) -> None:
    namespace = remote.one("Namespace").inputs["metadata"]
    assert namespace["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    policy = remote.one("NetworkPolicy", "databases-default-deny").inputs
    assert policy["metadata"]["namespace"] == namespace["name"] == "stores"
    assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]


def test_a_server_outside_is_believed_by_its_certificate_only(remote: Recording) -> None:
    environment = psql(remote, "database-provision")
    assert environment["PGSSLMODE"] == "verify-full"
    assert environment["PGHOST"] == "agents-postgres.rds.example.com"
    assert remote.one("ConfigMap", "database-script").inputs["data"]["ca.crt"] == "PEM"


def test_the_administrators_credentials_follow_the_secret_that_the_service_keeps(
    remote: Recording,
) -> None:
    spec = remote.one("ExternalSecret", "databases-administrator").inputs["spec"]
    assert spec["dataFrom"] == [{"extract": {"key": samples_delivery.MASTER.arn}}]
    assert (spec["refreshPolicy"], spec["refreshInterval"]) == ("Periodic", "1m0s")
    ((file, content),) = spec["target"]["template"]["data"].items()
    assert content == "[administrator]\nuser={{ .username }}\npassword={{ .password }}\n"
    environment = psql(remote, "database-provision")
    assert environment["PGSERVICE"] == "administrator"
    assert environment["PGSERVICEFILE"] == f"/run/secrets/administrator/{file}"


def test_a_server_outside_never_sees_a_tenants_password(remote: Recording) -> None:
    logins = json.loads(
        remote.one("SecretVersion", "database-logins-version").inputs["secretString"]
    )
    assert logins == {
        suffix: verifier(f"password-of-database-login-{suffix}", f"research_{suffix}")
        for suffix in "ab"
    }


def test_only_a_superuser_is_told_what_only_a_superuser_may_do(
    built: Recording, remote: Recording
) -> None:
    own = built.one("ConfigMap", "database-script").inputs["data"]["run.sql"]
    outside = remote.one("ConfigMap", "database-script").inputs["data"]["run.sql"]
    for statement in ("SET log_min_error_statement", 'ALTER ROLE "postgres" PASSWORD'):
        assert statement in own
        assert statement not in outside
    assert 'GRANT "research" TO CURRENT_USER;' in outside
    assert "pg_advisory_lock" in own
    assert "pg_advisory_lock" in outside


def test_the_same_password_under_another_name_has_another_verifier() -> None:
    assert verifier("password", "a_a") == verifier("password", "a_a")
    assert verifier("password", "a_a") != verifier("password", "a_b")
    assert verifier("password", "a_a") != verifier("another", "a_a")
