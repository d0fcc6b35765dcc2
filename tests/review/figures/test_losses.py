"""What is lost with a resource: every kind that the stacks have was looked at, and says it in a line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.resource import kind_of
from review.losses import HARMLESS, TABLE, UNSEEN, irretrievable, loss
from review.model import DESTRUCTIVE, Operation
from tests.contracts.test_stacks import with_tenant
from tests.program import run, values
from tests.review.figures.made import step
from toolchain.providers.aws.types import types

LONGEST: Final = 110
PROGRAMS: Final[Mapping[str, Mapping[str, Any]]] = {
    "dev": values("dev"),
    "prod": values("prod"),
    "prod with a tenant on a cluster of its own": with_tenant("physical"),
}
DATABASE: Final = "aws:rds/instance:Instance"
CACHE: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
BUCKET: Final = "aws:s3/bucket:Bucket"
REPOSITORY: Final = "aws:ecr/repository:Repository"
SECRET: Final = "aws:secretsmanager/secret:Secret"
SERVICE: Final = "kubernetes:core/v1:Service"
STATEFUL: Final = "kubernetes:apps/v1:StatefulSet"
DEPLOYMENT: Final = "kubernetes:apps/v1:Deployment"
VOLUME: Final = "kubernetes:core/v1:PersistentVolume"
PASSWORD: Final = "random:index/randomPassword:RandomPassword"
SNAPSHOT: Final = {"skipFinalSnapshot": False, "finalSnapshotIdentifier": "last"}
SOMETHING: Final = "q7Zf2LxV9tKp3MwB8nRc"
"""Stands in inputs for what must not be told."""


def token(kind: str) -> str:
    """A type of this kind."""
    group, _, name = kind.partition("/")
    if ":" in kind:
        package, _, module = group.partition(":")
        return f"{package}:{module}/{name[0].lower()}{name[1:]}:{name}"
    return f"kubernetes:{group}/v1:{name}"


def told(
    type_token: str,
    operation: Operation,
    inputs: Mapping[str, object],
    *,
    deletes_first: bool = False,
    retained: bool = False,
) -> str | None:
    """What is lost with a resource that has these inputs."""
    one = step(type_token, operation, inputs, deletes_first=deletes_first, retained=retained)
    return loss(one, operation)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_kind_of_the_program_was_looked_at(name: str, tmp_path: Path) -> None:
    made = {kind_of(each.type) for each in run(tmp_path, PROGRAMS[name]).resources if each.custom}
    assert len(made) > 20
    assert made - TABLE.keys() - HARMLESS.keys() == set(), (
        "say in review/losses what is lost with it, or why nothing is"
    )


def test_every_kind_that_is_rehearsed_was_looked_at() -> None:
    assert {kind_of(each) for each in types()} - TABLE.keys() - HARMLESS.keys() == set()


def test_a_kind_loses_something_or_has_a_reason_why_not() -> None:
    assert not TABLE.keys() & HARMLESS.keys()
    assert all(len(reason) > 10 for reason in HARMLESS.values())
    assert {kind: kind_of(token(kind)) for kind in {**TABLE, **HARMLESS}} == {
        kind: kind for kind in {**TABLE, **HARMLESS}
    }


@pytest.mark.parametrize("kind", sorted(TABLE))
def test_a_kind_of_the_table_loses_something_when_it_is_deleted(kind: str) -> None:
    assert told(token(kind), Operation.DELETE, {})


@pytest.mark.parametrize("kind", sorted(HARMLESS))
@pytest.mark.parametrize("operation", sorted(DESTRUCTIVE))
def test_a_kind_that_loses_nothing_says_nothing(kind: str, operation: Operation) -> None:
    assert told(token(kind), operation, {}, deletes_first=True) is None


@pytest.mark.parametrize("operation", sorted(set(Operation) - DESTRUCTIVE))
def test_what_is_neither_replaced_nor_deleted_loses_nothing(operation: Operation) -> None:
    assert told(DATABASE, operation, {"skipFinalSnapshot": True}) is None


def test_a_kind_that_nobody_has_looked_at_never_looks_harmless() -> None:
    assert told("aws:braket/quantum:Quantum", Operation.DELETE, {}) == UNSEEN
    assert told("aws:braket/quantum:Quantum", Operation.UPDATE, {}) is None


@pytest.mark.parametrize(
    ("type_token", "inputs", "wanted"),
    [
        (DATABASE, {}, "its data; the provider refuses, as finalSnapshotIdentifier is not set"),
        (DATABASE, SNAPSHOT, "its data; a final snapshot is kept, automated backups are not"),
        (
            DATABASE,
            {**SNAPSHOT, "deleteAutomatedBackups": False},
            "its data; a final snapshot is kept, automated backups are too",
        ),
        (
            DATABASE,
            {**SNAPSHOT, "skipFinalSnapshot": True},
            "its data; neither a final snapshot nor backups are kept",
        ),
        (
            DATABASE,
            {"skipFinalSnapshot": True, "deleteAutomatedBackups": False},
            "its data; automated backups are kept, no final snapshot is",
        ),
        (
            DATABASE,
            {"skipFinalSnapshot": "[secret]"},
            "its data; whether a final snapshot is kept is not known",
        ),
        (
            DATABASE,
            {"replicateSourceDb": "main", "skipFinalSnapshot": True},
            "its copy of the data; the source keeps its own",
        ),
        (CACHE, {"finalSnapshotIdentifier": "last"}, "its data; a final snapshot is kept"),
        (CACHE, {}, "its data; no final snapshot is kept"),
        (BUCKET, {"forceDestroy": True}, "its objects, all of them"),
        (BUCKET, {}, "its objects; AWS refuses while there are any"),
        (BUCKET, {"forceDestroy": "[secret]"}, "its objects"),
        (REPOSITORY, {"forceDelete": True}, "its images, all of them"),
        ("aws:kms/key:Key", {"deletionWindowInDays": 7.0}, "what it has encrypted: after 7 days nobody "
         "can read that any more"),
        ("aws:kms/key:Key", {}, "what it has encrypted: after 30 days nobody can read that any more"),
        (SECRET, {"recoveryWindowInDays": 0}, "its value, at once"),
        (SECRET, {}, "its value; it can be called back for 30 days"),
        ("aws:cloudwatch/logGroup:LogGroup", {}, "its logs"),
        ("aws:cloudwatch/logGroup:LogGroup", {"skipDestroy": True}, None),
        ("aws:ebs/volume:Volume", {"finalSnapshot": True}, "its data; a final snapshot is kept"),
        (
            "aws:dynamodb/table:Table",
            {"pointInTimeRecovery": {"enabled": True}},
            "its data; AWS keeps a backup for 35 days",
        ),
        (VOLUME, {"spec": {"persistentVolumeReclaimPolicy": "Retain"}}, "the way to its data, which "
         "stays on the storage"),
        (VOLUME, {"spec": {"persistentVolumeReclaimPolicy": "Delete"}}, "its data"),
        (STATEFUL, {}, "its pods; the claims it made for them stay, with their data"),
        (
            STATEFUL,
            {"spec": {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}}},
            "its pods, and the data of the claims it made for them",
        ),
        (
            SERVICE,
            {"spec": {"type": "LoadBalancer"}},
            "its load balancer's address: clients and DNS have to learn another",
        ),
        (SERVICE, {"spec": {}}, "its name in the cluster: nobody reaches its pods by it"),
        ("kubernetes:core/v1:Namespace", {}, "everything in it"),
    ],
)  # fmt: skip
def test_what_is_lost_hangs_on_what_was_asked_for(
    type_token: str, inputs: Mapping[str, object], wanted: str | None
) -> None:
    assert told(type_token, Operation.DELETE, inputs) == wanted


def test_what_decides_is_how_the_resource_is_now() -> None:
    now, then = {"forceDestroy": True}, {"forceDestroy": False}
    replaced = step(BUCKET, Operation.REPLACE, now, then)
    assert loss(replaced, Operation.REPLACE) == "its objects, all of them"


def test_a_deployment_that_is_replaced_answers_unless_the_old_one_goes_first() -> None:
    assert told(DEPLOYMENT, Operation.REPLACE, {}) is None
    first = told(DEPLOYMENT, Operation.REPLACE, {}, deletes_first=True)
    assert first == "its pods: nothing answers until the new ones are ready"


def test_a_password_that_is_replaced_is_another_loss_than_one_that_goes() -> None:
    replaced = told(PASSWORD, Operation.REPLACE, {})
    deleted = told(PASSWORD, Operation.DELETE, {})
    assert replaced == "the former password: all that use it need the new one"
    assert deleted == "the password: whoever still uses it is locked out"


def test_what_is_retained_is_not_lost_but_does_not_move_either() -> None:
    assert told(DATABASE, Operation.DELETE, SNAPSHOT, retained=True) is None
    replaced = told(DATABASE, Operation.REPLACE, SNAPSHOT, retained=True)
    assert replaced == "its data, which stays with the old one"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 400) | st.floats(-5, 400) | st.just(SOMETHING),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=4,
)
KEYS: Final = (
    *("skipFinalSnapshot", "finalSnapshotIdentifier", "finalSnapshotName", "finalSnapshot"),
    *("deleteAutomatedBackups", "replicateSourceDb", "forceDestroy", "forceDelete", "skipDestroy"),
    *("deletionWindowInDays", "recoveryWindowInDays", "preserve", "pointInTimeRecovery", "spec"),
)


@given(
    kind=st.sampled_from(sorted(TABLE)),
    operation=st.sampled_from(sorted(DESTRUCTIVE)),
    inputs=st.dictionaries(st.sampled_from(KEYS), json_values, max_size=6),
    deletes_first=st.booleans(),
    retained=st.booleans(),
)
def test_a_loss_is_one_short_line_that_tells_no_value(
    kind: str,
    operation: Operation,
    inputs: dict[str, object],
    deletes_first: bool,
    retained: bool,
) -> None:
    text = told(token(kind), operation, inputs, deletes_first=deletes_first, retained=retained)
    if text is not None:
        assert 5 < len(text) <= LONGEST
        assert not text.endswith(".")
        assert "\n" not in text
        assert SOMETHING not in text
        assert text[0].islower() or text.startswith("TLS ")


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (DATABASE, True),
        ("kubernetes:core/v1:Namespace", True),
        ("aws:s3/bucket:Bucket", True),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", False),
        ("kubernetes:external-secrets.io/v1:ExternalSecret", False),
        ("random:index/randomPassword:RandomPassword", False),
    ],
)
def test_only_what_a_resource_holds_cannot_be_had_again(kind: str, wanted: bool) -> None:
    gone = step(kind, Operation.DELETE, {})
    assert irretrievable(gone, Operation.DELETE) is wanted
