"""Log groups, image registries, backups: what is kept of what has been."""

from collections.abc import Iterator
from typing import Final

from policies.aws.databases import INSTANCE
from policies.resource import (
    Part,
    Props,
    Resource,
    Stack,
    at,
    has,
    items,
    mapping,
    parts,
    refers,
    whole,
)
from policies.rule import (
    Severity,
    cis,
    configured_rule,
    fsbp,
    of,
    option,
    rule,
    stack_rule,
)
from policies.selectors import some

_LOG: Final = "aws:cloudwatch/LogGroup"
_REPOSITORY: Final = "aws:ecr/Repository"


@rule(
    of(_LOG),
    severity=Severity.MEDIUM,
    remedy="set kmsKeyId to a key of your own that lets the log service of the region use it.",
    everywhere=True,
)
def require_log_encryption(log: Resource) -> Iterator[str]:
    """Logs are encrypted with a key of our own."""
    if not has(log.props, "kmsKeyId"):
        yield "kmsKeyId is not set"


@configured_rule(
    of(_LOG),
    severity=Severity.MEDIUM,
    remedy="set retentionInDays; without it logs are kept, and paid for, for ever.",
    reference=fsbp("CloudWatch.16 Log groups retained for a specified time"),
    options={"days": option("integer", 90, "Fewest days that logs are kept")},
)
def require_log_retention(log: Resource, settings: Props) -> Iterator[str]:
    """Logs are kept long enough to look into an incident, and not for ever."""
    days, wanted = whole(log.props.get("retentionInDays")), whole(settings.get("days"))
    if not days or days < (wanted or 0):
        yield f"retentionInDays is {days or 'not set'}, wanted {wanted}"


@stack_rule(
    "aws:eks/Cluster",
    severity=Severity.MEDIUM,
    remedy="make the log group /aws/eks/<name of the cluster>/cluster before the cluster.",
    reference=cis("2.1.2 Audit logs collected and managed"),
)
def require_cluster_log_group(cluster: Resource, stack: Stack) -> Iterator[str]:
    """The control plane's logs are kept as the stack says, not as AWS would by itself."""
    if not some(stack.of(_LOG), lambda log: _is_of(log, cluster)):
        yield "the stack does not make its log group"


def _is_of(log: Resource, cluster: Resource) -> bool:
    if cluster.urn in log.links.get("name", ()):
        return True
    return log.props.get("name") == f"/aws/eks/{cluster.props.get('name')}/cluster"


@rule(
    of(_REPOSITORY),
    severity=Severity.HIGH,
    remedy="set imageTagMutability to IMMUTABLE.",
    reference=fsbp("ECR.2 Immutable tags"),
    everywhere=True,
)
def require_immutable_tags(repository: Resource) -> Iterator[str]:
    """A tag means the same image for ever."""
    mutability = repository.props.get("imageTagMutability")
    if mutability != "IMMUTABLE":
        yield f"imageTagMutability is {mutability or 'not set'}"


@rule(
    of(_REPOSITORY),
    severity=Severity.HIGH,
    remedy="set imageScanningConfiguration.scanOnPush to true.",
    reference=cis("5.1.1 Image vulnerability scanning"),
    everywhere=True,
)
def require_image_scan(repository: Resource) -> Iterator[str]:
    """Images are looked through for known faults as they come in."""
    if at(repository.props, "imageScanningConfiguration", "scanOnPush") is not True:
        yield "imageScanningConfiguration.scanOnPush is not true"


@rule(
    of(_REPOSITORY),
    severity=Severity.MEDIUM,
    remedy="set encryptionConfigurations to KMS with a key of your own.",
    reference=fsbp("ECR.5 Encrypted with customer keys"),
)
def require_registry_encryption(repository: Resource) -> Iterator[str]:
    """Images are encrypted with a key of our own."""
    entries = [mapping(entry) for entry in items(repository.props.get("encryptionConfigurations"))]
    if not any(
        entry.get("encryptionType") in ("KMS", "KMS_DSSE") and has(entry, "kmsKey")
        for entry in entries
    ):
        yield "encryptionConfigurations has no key of our own"


@rule(
    of("aws:ecrpublic/Repository"),
    severity=Severity.HIGH,
    remedy="use a private repository (aws.ecr.Repository).",
    reference=cis("5.1.2 User access to ECR minimised"),
    everywhere=True,
)
def forbid_public_registry(_: Resource) -> Iterator[str]:
    """No image of ours is published."""
    yield "it is a public repository"


@stack_rule(
    INSTANCE,
    severity=Severity.HIGH,
    remedy="name it in resources of a Selection (Backup in components/stores does).",
    reference=fsbp("RDS.26 Protected by a backup plan"),
)
def require_backup_plan(database: Resource, stack: Stack) -> Iterator[str]:
    """Each database is in a backup plan, so that it outlives even its own deletion."""

    def takes(selection: Resource) -> bool:
        if refers(selection, "resources", database):
            return True
        tags = mapping(database.props.get("tags"))
        wanted = [mapping(entry) for entry in items(selection.props.get("selectionTags"))]
        return any(tags.get(str(tag.get("key")), "") == tag.get("value") for tag in wanted)

    planned = (
        selection
        for selection in stack.of("aws:backup/Selection")
        if any(stack.origins(selection, "planId", "aws:backup/Plan"))
    )
    if not some(planned, takes):
        yield "no selection of a backup plan takes it"


@rule(
    of("aws:backup/Vault"),
    severity=Severity.HIGH,
    remedy="set kmsKeyArn to a key of your own.",
    reference=fsbp("Backup.1 Recovery points encrypted at rest"),
    everywhere=True,
)
def require_vault_encryption(vault: Resource) -> Iterator[str]:
    """Backups are encrypted with a key of our own."""
    if not has(vault.props, "kmsKeyArn"):
        yield "kmsKeyArn is not set"


def _plan_rules(resource: Resource) -> Iterator[Part]:
    if resource.kind == "aws:backup/Plan":
        yield from parts(resource, "rule", "rules")


@configured_rule(
    _plan_rules,
    severity=Severity.MEDIUM,
    remedy="set lifecycle.deleteAfter to that many days or more.",
    options={"days": option("integer", 7, "Fewest days that a backup is kept")},
)
def require_backup_retention(plan_rule: Part, settings: Props) -> Iterator[str]:
    """Backups are kept for a time that is written down."""
    days, wanted = whole(at(plan_rule.props, "lifecycle", "deleteAfter")), settings.get("days")
    if not days or days < (whole(wanted) or 0):
        yield f"lifecycle.deleteAfter is {days or 'not set'}, wanted {whole(wanted)}"


RULES: Final = (
    require_log_encryption,
    require_log_retention,
    require_cluster_log_group,
    require_immutable_tags,
    require_image_scan,
    require_registry_encryption,
    forbid_public_registry,
    require_backup_plan,
    require_vault_encryption,
    require_backup_retention,
)
