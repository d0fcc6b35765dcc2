"""Fixtures of the rules on keys, secrets, logs, images and backups."""

from typing import Final

from tests.policies.aws_parts import aws
from tests.policies.cases import Case, each, field_case, one, workload
from tests.policies.world import ABSENT, UNKNOWN, Declared


def _present(name: str, key: str) -> Case:
    """A rule that asks only whether a property is there, which is always known."""
    return Case(each((name, key), "arn:aws:kms:x", UNKNOWN), each((name, key), ABSENT), ())


def _kubernetes_secret(**fields: object) -> Declared:
    declared = workload("core/v1:Secret")
    return Declared(declared.type, {**declared.props, **fields})


_ROTATION: Final = "agents.platform/rotation-days"
_BY_LAMBDA: Final = aws(
    "secretsmanager/secretRotation:SecretRotation", {"secretId": ("credential",)}
)

SECRET_CASES: Final[dict[str, Case]] = {
    "require-key-rotation": Case(
        each(("key", "customerMasterKeySpec"), "SYMMETRIC_DEFAULT"),
        each(("key", "enableKeyRotation"), False, ABSENT),
        each(("key", "enableKeyRotation"), UNKNOWN),
    ),
    "require-key-window": field_case(("key", "deletionWindowInDays"), good=(7, ABSENT), bad=(6,)),
    "require-secret-window": field_case(
        ("credential", "recoveryWindowInDays"), good=(7, ABSENT), bad=(0,)
    ),
    "require-secret-key": _present("credential", "kmsKeyId"),
    "require-secret-rotation": Case(
        (
            one(("credential", "tags", _ROTATION), "30"),
            ((("credential", "tags"), ABSENT), (("other",), _BY_LAMBDA)),
        ),
        (
            one(("credential", "tags"), ABSENT),
            one(("credential", "tags", _ROTATION), "365"),
            one(("credential", "tags", _ROTATION), "now and then"),
        ),
        each(("credential", "tags"), UNKNOWN),
    ),
    "require-external-secrets": Case(
        each(("other",), _kubernetes_secret(type="kubernetes.io/tls")),
        each(("other",), _kubernetes_secret(), _kubernetes_secret(type="Opaque")),
        each(("other",), _kubernetes_secret(type=UNKNOWN)),
    ),
}

RECORD_CASES: Final[dict[str, Case]] = {
    "require-log-encryption": _present("cluster-log", "kmsKeyId"),
    "require-log-retention": field_case(
        ("cluster-log", "retentionInDays"), good=(90, 3653), bad=(0, 30, ABSENT)
    ),
    "require-cluster-log-group": Case(
        (),
        (
            one(("cluster-log",), ABSENT),
            one(("cluster-log", "name"), "/aws/eks/another/cluster"),
        ),
        each(("cluster-log", "name"), UNKNOWN),
    ),
    "require-immutable-tags": field_case(
        ("repository", "imageTagMutability"), good=("IMMUTABLE",), bad=("MUTABLE", ABSENT)
    ),
    "require-image-scan": field_case(
        ("repository", "imageScanningConfiguration"),
        good=({"scanOnPush": True},),
        bad=({"scanOnPush": False}, ABSENT),
    ),
    "require-registry-encryption": field_case(
        ("repository", "encryptionConfigurations"),
        good=([{"encryptionType": "KMS_DSSE", "kmsKey": "arn:aws:kms:x"}],),
        bad=(ABSENT, [{"encryptionType": "AES256"}], [{"encryptionType": "KMS"}]),
    ),
    "forbid-public-registry": Case(
        (),
        each(("other",), aws("ecrpublic/repository:Repository")),
        (),
        also=frozenset({"require-known-prices", "forbid-cost-over-ceiling"}),
    ),
    "require-backup-plan": Case(
        (
            (
                (("selection",), aws("backup/selection:Selection", planId="plan-1")),
                (("other",), aws("backup/plan:Plan", name="plan-1", rules=[])),
                (("database", "tags"), {"backup": "daily"}),
                (("selection", "selectionTags"), [{"key": "backup", "value": "daily"}]),
            ),
        ),
        (
            one(("selection",), ABSENT),
            one(("plan",), ABSENT),
            one(
                ("selection",),
                aws("backup/selection:Selection", {"planId": ("plan",)}, resources=["arn:other"]),
            ),
        ),
        (
            one(
                ("selection",),
                aws("backup/selection:Selection", {"planId": ("plan",)}, resources=UNKNOWN),
            ),
        ),
    ),
    "require-vault-encryption": _present("vault", "kmsKeyArn"),
    "require-backup-retention": field_case(
        ("plan", "rules", 0, "lifecycle", "deleteAfter"), good=(7,), bad=(1, ABSENT)
    ),
}
