"""Unit: the cache on ElastiCache: whose keys a user sees, which passwords open, what protects it."""

import re
from pathlib import Path
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_kubernetes.core.v1 import Secret
from pydantic import ValidationError

from components.secrets import CredentialSettings
from components.settings import NAME_LIMIT
from components.stores import trust
from components.stores.elasticache import ID_LIMIT, RIGHTS, access, user_id
from components.stores.elasticache_settings import ElastiCacheSettings
from components.stores.managed import PREFIX_LIMIT
from tests.recording import Recording, deploy
from tests.samples_aws_stores import KEY, REDIS, elasticache

IMAGE = Path(__file__).parents[3] / "toolchain" / "images" / "redis" / "entrypoint"


def settings(**changes: object) -> ElastiCacheSettings:
    return ElastiCacheSettings.model_validate({**REDIS.model_dump(), **changes})


def cache(recording: Recording) -> dict[str, Any]:
    return recording.one("ReplicationGroup").inputs


def user(recording: Recording, name: str) -> dict[str, Any]:
    return recording.one("User", f"redis-{name}-user").inputs


@pytest.fixture(scope="module")
def built() -> Recording:
    return deploy(elasticache)


def test_only_the_cluster_may_connect_and_only_to_the_cache(built: Recording) -> None:
    rules = built.kind("SecurityGroupIngressRule")
    assert len(rules) == 1
    rule = rules[0].inputs
    assert (rule["fromPort"], rule["toPort"], rule["ipProtocol"]) == (6379, 6379, "tcp")
    assert rule["referencedSecurityGroupId"] == "sg-of-the-cluster"
    assert not {"cidrIpv4", "cidrIpv6"} & rule.keys()
    assert built.kind("SecurityGroupEgressRule") == []
    assert cache(built)["securityGroupIds"] == ["redis-security-id"]


def test_it_is_encrypted_on_disk_and_on_the_way_and_takes_no_plain_connection(
    built: Recording,
) -> None:
    assert cache(built)["atRestEncryptionEnabled"] is True
    assert cache(built)["kmsKeyId"] == KEY
    assert cache(built)["transitEncryptionEnabled"] is True
    assert cache(built)["transitEncryptionMode"] == "required"
    for group in built.kind("LogGroup"):
        assert group.inputs["kmsKeyId"] == KEY


def test_a_replica_in_another_zone_takes_over(built: Recording) -> None:
    assert cache(built)["automaticFailoverEnabled"] is True
    assert cache(built)["multiAzEnabled"] is True
    assert cache(built)["numCacheClusters"] == 2
    assert cache(built)["snapshotRetentionLimit"] == 7
    assert cache(built)["autoMinorVersionUpgrade"] is True


def test_it_forgets_the_least_recently_used_keys_as_the_clusters_redis_does(
    built: Recording,
) -> None:
    group = built.one("ParameterGroup").inputs
    assert group["family"] == "valkey8"
    assert group["parameters"] == [{"name": "maxmemory-policy", "value": "allkeys-lru"}]


def test_a_tenants_user_sees_its_own_keys_and_channels_only(built: Recording) -> None:
    rights = user(built, "research")["accessString"].split()
    assert [each for each in rights if each[0] in "~&"] == ["~research:*", "&research:*"]
    assert rights.index("resetchannels") < rights.index("&research:*")
    assert user(built, "research")["userName"] == "research"


def test_a_tenants_user_may_do_what_it_may_in_the_clusters_redis() -> None:
    found = re.search(r'^TENANT="(.+)"$', IMAGE.read_text(), re.MULTILINE)
    assert found is not None
    assert found[1] == RIGHTS
    assert access("research").endswith(RIGHTS)


def test_nobody_gets_in_without_a_name(built: Recording) -> None:
    default = user(built, "default")
    assert default["userName"] == "default"
    assert default["accessString"] == "off -@all"
    assert "noPasswordRequired" not in default


def test_the_cache_knows_the_users_of_its_group_and_no_others(built: Recording) -> None:
    group = built.one("UserGroup").inputs
    assert group["userIds"] == [
        "agents-prod-redis-default",
        "agents-prod-redis-research",
        "agents-prod-redis-sales",
    ]
    assert cache(built)["userGroupIds"] == ["agents-prod-redis"]


def test_both_passwords_open_and_no_one_may_read_them(built: Recording) -> None:
    for name in ("research", "sales"):
        found = built.one("User", f"redis-{name}-user")
        assert found.inputs["passwords"] == [
            f"password-of-redis-{name}-a",
            f"password-of-redis-{name}-b",
        ]
    for each in built.kind("User"):
        assert "passwords" in {path.partition("[")[0] for path in each.secrets}, each.name


def test_revoking_leaves_each_tenant_one_password() -> None:
    revoked = CredentialSettings(previous="revoke")
    recording = deploy(lambda: elasticache(credentials=revoked))
    assert user(recording, "research")["passwords"] == ["password-of-redis-research-a"]


def test_what_it_says_of_itself_is_what_others_connect_with() -> None:
    known: dict[str, str] = {}

    def program() -> None:
        made = elasticache()
        assert made.port == 6379
        pulumi.Output.all(
            host=made.host, password=made.passwords["research"], authority=made.authority
        ).apply(known.update)

    deploy(program)
    assert known == {
        "host": "master.redis.c0ffee.cache.amazonaws.com",
        "password": "password-of-redis-research-a",
        "authority": trust.elasticache(),
    }


def test_a_password_is_secret_and_handed_out_once_the_cache_has_taken_it() -> None:
    def program() -> None:
        Secret("reader", string_data={"password": elasticache().passwords["research"]})

    recording = deploy(program)
    reader = recording.one("Secret", "reader")
    assert "stringData" in {path.partition(".")[0] for path in reader.secrets}
    group = recording.one("UserGroup")
    assert group.urn in reader.dependencies
    assert {each.urn for each in recording.kind("User")} <= group.dependencies


def test_its_logs_go_to_groups_of_its_own(built: Recording) -> None:
    sent = {
        each["logType"]: each["destination"] for each in cache(built)["logDeliveryConfigurations"]
    }
    assert sent == {
        "slow-log": "/aws/vendedlogs/elasticache/agents-prod-redis/slow-log",
        "engine-log": "/aws/vendedlogs/elasticache/agents-prod-redis/engine-log",
    }


def test_a_protected_cache_cannot_be_deleted_and_would_leave_a_snapshot(built: Recording) -> None:
    assert built.one("ReplicationGroup").protected
    assert cache(built)["finalSnapshotIdentifier"] == "agents-prod-redis-final"


def test_an_unprotected_cache_leaves_nothing_behind() -> None:
    recording = deploy(lambda: elasticache(protect=False))
    assert not recording.one("ReplicationGroup").protected
    assert "finalSnapshotIdentifier" not in cache(recording)


names = st.from_regex(rf"[a-z]([-a-z0-9]{{0,{NAME_LIMIT - 2}}}[a-z0-9])?", fullmatch=True)
prefixes = st.from_regex(rf"[a-z][a-z0-9]{{0,{PREFIX_LIMIT - 1}}}", fullmatch=True)


@given(prefixes, st.lists(names, min_size=2, max_size=2, unique=True))
def test_ids_of_users_fit_and_never_meet(prefix: str, tenants: list[str]) -> None:
    ids = [user_id(f"{prefix}-redis", tenant) for tenant in tenants]
    assert ids[0] != ids[1]
    assert all(len(each) <= ID_LIMIT for each in ids)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"engine": "redis", "version": "8.1"}, "ends at 7.1"),
        ({"version": "6.2"}, "7.0 or later"),
        ({"version": "8"}, "pattern"),
        ({"replicas": 0}, "greater than or equal to 1"),
        ({"node_type": "r7g.large"}, "pattern"),
        ({"snapshot_window": "04:30-05:30"}, "overlap, which ElastiCache refuses"),
    ],
)
def test_settings_say_what_is_wrong(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        settings(**changes)


def test_redis_and_valkey_have_families_of_their_own() -> None:
    assert settings(engine="redis", version="7.1").family == "redis7"
    assert settings(version="7.2").family == "valkey7"
