"""RDS: encrypted, in two zones, backed up, out of reach, and without a password in the state."""

from collections.abc import Iterator
from typing import Final

from policies.resource import Props, Resource, Stack, has, items, mapping, whole
from policies.rule import (
    Severity,
    configured_rule,
    fsbp,
    of,
    option,
    rule,
    stack_rule,
)
from policies.selectors import some

INSTANCE: Final = "aws:rds/Instance"
# Names and values by which PostgreSQL and MySQL refuse connections without TLS.
_FORCED: Final = {"rds.force_ssl": ("1",), "require_secure_transport": ("1", "on")}


@rule(
    of(INSTANCE),
    severity=Severity.CRITICAL,
    remedy="set storageEncrypted to true and kmsKeyId to a key of your own.",
    reference=fsbp("RDS.3 Encryption at rest enabled"),
    everywhere=True,
)
def require_database_encryption(database: Resource) -> Iterator[str]:
    """Databases are encrypted with a key of our own."""
    if database.props.get("storageEncrypted") is not True:
        yield "storageEncrypted is not true"
    elif not has(database.props, "kmsKeyId"):
        yield "kmsKeyId is not set"


@rule(
    of(INSTANCE),
    severity=Severity.HIGH,
    remedy="set multiAz to true.",
    reference=fsbp("RDS.5 Multiple availability zones"),
)
def require_database_standby(database: Resource) -> Iterator[str]:
    """The loss of one zone does not take a database away."""
    if database.props.get("multiAz") is not True:
        yield "multiAz is not true"


@stack_rule(
    INSTANCE,
    severity=Severity.HIGH,
    remedy="give it a ParameterGroup in which rds.force_ssl is 1.",
    reference=fsbp("RDS.38 Encrypted in transit"),
    everywhere=True,
)
def require_database_tls(database: Resource, stack: Stack) -> Iterator[str]:
    """Databases refuse connections without TLS."""
    groups = stack.origins(database, "parameterGroupName", "aws:rds/ParameterGroup")
    if not some(groups, _forces_tls):
        yield "no parameter group of it forces TLS"


def _forces_tls(group: Resource) -> bool:
    found = {
        parameter.get("name"): str(parameter.get("value")).lower()
        for parameter in (mapping(entry) for entry in items(group.props.get("parameters")))
    }
    return any(found.get(name) in values for name, values in _FORCED.items())


@configured_rule(
    of(INSTANCE),
    severity=Severity.HIGH,
    remedy="raise backupRetentionPeriod.",
    reference=fsbp("RDS.11 Automatic backups enabled"),
    options={"days": option("integer", 7, "Fewest days that automatic backups are kept")},
)
def require_database_backups(database: Resource, settings: Props) -> Iterator[str]:
    """A database can be brought back to any minute of the last days."""
    days, wanted = whole(database.props.get("backupRetentionPeriod")), whole(settings.get("days"))
    if days is None or days < (wanted or 0):
        yield f"backupRetentionPeriod is {'not set' if days is None else days}, wanted {wanted}"


@rule(
    of(INSTANCE),
    severity=Severity.CRITICAL,
    remedy="set publiclyAccessible to false.",
    reference=fsbp("RDS.2 No public access"),
    everywhere=True,
)
def forbid_public_database(database: Resource) -> Iterator[str]:
    """No database has an address on the internet."""
    if database.props.get("publiclyAccessible"):
        yield "publiclyAccessible is true"


@rule(
    of(INSTANCE),
    severity=Severity.HIGH,
    remedy="set deletionProtection to true (cluster.protect in the stack file).",
    reference=fsbp("RDS.8 Deletion protection enabled"),
)
def require_database_protection(database: Resource) -> Iterator[str]:
    """A database is deleted in two steps, so that one mistake is not enough."""
    if database.props.get("deletionProtection") is not True:
        yield "deletionProtection is not true"


@rule(
    of(INSTANCE),
    severity=Severity.HIGH,
    remedy="set manageMasterUserPassword to true, or pass the password as passwordWo, which is not kept.",
)
def require_managed_password(database: Resource) -> Iterator[str]:
    """The first user's password is AWS's to make and to change, and is in no state."""
    managed = database.props.get("manageMasterUserPassword") is True
    written = has(database.props, "passwordWo")
    if has(database.props, "password"):
        yield "password is set, which keeps it in the state"
    elif not managed and not written and not has(database.props, "replicateSourceDb"):
        yield "manageMasterUserPassword is not true"


@rule(
    of(INSTANCE),
    severity=Severity.MEDIUM,
    remedy="set performanceInsightsKmsKeyId to a key of your own.",
)
def require_encrypted_insights(database: Resource) -> Iterator[str]:
    """What queries look like is encrypted with a key of our own too."""
    enabled = database.props.get("performanceInsightsEnabled") is True
    if enabled and not has(database.props, "performanceInsightsKmsKeyId"):
        yield "performanceInsightsKmsKeyId is not set"


@rule(
    of(INSTANCE, "aws:elasticache/ReplicationGroup"),
    severity=Severity.MEDIUM,
    remedy="remove autoMinorVersionUpgrade, or set it to true.",
    reference=fsbp("RDS.13 Automatic minor version upgrades"),
)
def require_minor_upgrades(store: Resource) -> Iterator[str]:
    """Stores get their security fixes in the next maintenance window."""
    if str(store.props.get("autoMinorVersionUpgrade", True)).lower() == "false":
        yield "autoMinorVersionUpgrade is false"


@rule(
    of(INSTANCE),
    severity=Severity.MEDIUM,
    remedy="set enabledCloudwatchLogsExports, for PostgreSQL to [postgresql, upgrade].",
    reference=fsbp("RDS.9 Logs published to CloudWatch"),
)
def require_database_logs(database: Resource) -> Iterator[str]:
    """What a database has to say is kept outside of it."""
    if not items(database.props.get("enabledCloudwatchLogsExports")):
        yield "enabledCloudwatchLogsExports is empty"


RULES: Final = (
    require_database_encryption,
    require_database_standby,
    require_database_tls,
    require_database_backups,
    forbid_public_database,
    require_database_protection,
    require_managed_password,
    require_encrypted_insights,
    require_minor_upgrades,
    require_database_logs,
)
