"""KMS and Secrets Manager: keys that are renewed, secrets that are, and neither gone in a moment."""

from collections.abc import Iterator
from typing import Final

from policies.resource import Props, Resource, Stack, has, mapping, refers, whole
from policies.rule import (
    Severity,
    cis,
    configured_rule,
    configured_stack_rule,
    fsbp,
    of,
    option,
    rule,
    stack_rule,
)
from policies.selectors import some

ROTATION: Final = "agents.platform/rotation-days"
"""Tag of a secret that the platform renews itself, with the number of days after which it does."""
_KEY: Final = "aws:kms/Key"
_SECRET: Final = "aws:secretsmanager/Secret"  # noqa: S105 (the name of a type)
_LONGEST: Final = 30
"""What AWS takes where no number of days is given."""


@rule(
    of(_KEY),
    severity=Severity.HIGH,
    remedy="set enableKeyRotation to true.",
    reference=fsbp("KMS.4 Key rotation enabled"),
    everywhere=True,
)
def require_key_rotation(key: Resource) -> Iterator[str]:
    """Keys are renewed every year."""
    symmetric = key.props.get("customerMasterKeySpec") in (None, "SYMMETRIC_DEFAULT")
    if symmetric and key.props.get("enableKeyRotation") is not True:
        yield "enableKeyRotation is not true"


@configured_rule(
    of(_KEY),
    severity=Severity.HIGH,
    remedy="raise deletionWindowInDays (cluster.protect in the stack file); what a key has encrypted is "
    "lost with it.",
    options={"days": option("integer", 7, "Fewest days in which a deleted key can be called back")},
)
def require_key_window(key: Resource, settings: Props) -> Iterator[str]:
    """A key that is deleted can be called back for some time."""
    yield from _window(key, "deletionWindowInDays", settings)


@configured_rule(
    of(_SECRET),
    severity=Severity.MEDIUM,
    remedy="raise recoveryWindowInDays (cluster.protect in the stack file), or leave it out.",
    options={"days": option("integer", 7, "Fewest days in which a deleted secret can be restored")},
)
def require_secret_window(secret: Resource, settings: Props) -> Iterator[str]:
    """A secret that is deleted can be restored for some time."""
    yield from _window(secret, "recoveryWindowInDays", settings)


def _window(resource: Resource, key: str, settings: Props) -> Iterator[str]:
    given = resource.props.get(key)
    days = _LONGEST if given is None else whole(given) or 0
    wanted = whole(settings.get("days")) or 0
    if days < wanted:
        yield f"{key} is {days}, wanted {wanted}"


@rule(
    of(_SECRET),
    severity=Severity.HIGH,
    remedy="set kmsKeyId to a key of your own.",
    everywhere=True,
)
def require_secret_key(secret: Resource) -> Iterator[str]:
    """Secrets are encrypted with a key of our own, whose policy says who may read them."""
    if not has(secret.props, "kmsKeyId"):
        yield "kmsKeyId is not set"


@configured_stack_rule(
    _SECRET,
    severity=Severity.MEDIUM,
    remedy=f"add a SecretRotation, or tag it {ROTATION} with the days after which the platform renews it.",
    reference=fsbp("SecretsManager.1 Automatic rotation enabled"),
    options={"days": option("integer", 90, "Most days that a secret stays the same")},
)
def require_secret_rotation(secret: Resource, stack: Stack, settings: Props) -> Iterator[str]:
    """Every secret is renewed, and how often is known."""
    tagged = mapping(secret.props.get("tags")).get(ROTATION)
    most = whole(settings.get("days")) or 0
    if tagged is not None:
        days = int(tagged) if str(tagged).isdecimal() else 0
        if not 0 < days <= most:
            yield f"tag {ROTATION} is {tagged}, wanted 1 to {most}"
    elif not some(
        stack.of("aws:secretsmanager/SecretRotation"),
        lambda rotation: refers(rotation, "secretId", secret),
    ):
        yield "nothing renews it"


@stack_rule(
    "core/Secret",
    severity=Severity.LOW,
    remedy="keep the value in Secrets Manager and let an ExternalSecret fetch it (credentials.delivery "
    "in the stack file).",
    reference=cis("4.4.2 External secret storage considered"),
    advisory=True,
)
def require_external_secrets(secret: Resource, stack: Stack) -> Iterator[str]:
    """On AWS, secrets come to pods from Secrets Manager."""
    if secret.props.get("type") in (None, "Opaque") and list(stack.of("aws:eks/Cluster")):
        yield "it is made by the program, whose state holds its value"


RULES: Final = (
    require_key_rotation,
    require_key_window,
    require_secret_window,
    require_secret_key,
    require_secret_rotation,
    require_external_secrets,
)
