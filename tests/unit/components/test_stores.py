"""Unit: what the stores are told, and who may reach them."""

import pytest

from components.secrets import Authority, Slots
from components.stores import Database, Stores
from components.stores.database import provisioning
from components.stores.redis import users
from tests import samples
from tests.recording import Recording, deploy


@pytest.fixture(scope="module")
def built() -> Recording:
    def program() -> None:
        authority = Authority("platform")
        stores = Stores("stores", samples.stores_args(authority))
        Database("database", samples.database_args(authority, stores))

    return deploy(program)


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
    assert [line for line in script.splitlines() if "NOLOGIN;" in line] == [
        f'ALTER ROLE "{revoked}" NOLOGIN;'
    ]


def test_no_password_stands_in_the_script(built: Recording) -> None:
    assert "password-of" not in str(built.one("ConfigMap").inputs["data"])


def test_a_rotation_runs_the_provisioning_again(built: Recording) -> None:
    template = built.one("Job").inputs["spec"]["template"]
    assert template["metadata"]["annotations"]["agents.platform/credentials"] == "228"


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


def test_only_pods_with_the_stores_label_may_connect(built: Recording) -> None:
    policy = built.one("NetworkPolicy", "postgres-network").inputs["spec"]
    for rule in policy["ingress"]:
        for peer in rule["from"]:
            assert peer["podSelector"]["matchLabels"] == {"agents.platform/access-postgres": "true"}
    assert policy["egress"] == []
