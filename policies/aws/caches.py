"""ElastiCache: encrypted on the way and at rest, with a second node, logins and snapshots."""

from collections.abc import Iterator
from typing import Final

from policies.resource import Props, Resource, at, has, items, whole
from policies.rule import Severity, configured_rule, fsbp, of, option, rule

_GROUP: Final = "aws:elasticache/ReplicationGroup"


@rule(
    of(_GROUP),
    severity=Severity.HIGH,
    remedy="set transitEncryptionEnabled to true; preferred as transitEncryptionMode is for a move only.",
    reference=fsbp("ElastiCache.5 Encrypted in transit"),
    everywhere=True,
)
def require_cache_tls(cache: Resource) -> Iterator[str]:
    """Caches refuse connections without TLS."""
    if cache.props.get("transitEncryptionEnabled") is not True:
        yield "transitEncryptionEnabled is not true"
    elif cache.props.get("transitEncryptionMode") == "preferred":
        yield "transitEncryptionMode is preferred, which takes plain connections too"


@rule(
    of(_GROUP),
    severity=Severity.HIGH,
    remedy="set atRestEncryptionEnabled to true and kmsKeyId to a key of your own.",
    reference=fsbp("ElastiCache.4 Encrypted at rest"),
    everywhere=True,
)
def require_cache_encryption(cache: Resource) -> Iterator[str]:
    """What caches write to disk is encrypted with a key of our own."""
    if str(cache.props.get("atRestEncryptionEnabled")).lower() != "true":
        yield "atRestEncryptionEnabled is not true"
    elif not has(cache.props, "kmsKeyId"):
        yield "kmsKeyId is not set"


@rule(
    of(_GROUP),
    severity=Severity.HIGH,
    remedy="set automaticFailoverEnabled and multiAzEnabled to true, with two nodes or more.",
    reference=fsbp("ElastiCache.3 Automatic failover enabled"),
)
def require_cache_failover(cache: Resource) -> Iterator[str]:
    """The loss of one zone does not take a cache away."""
    for key in ("automaticFailoverEnabled", "multiAzEnabled"):
        if cache.props.get(key) is not True:
            yield f"{key} is not true"


@rule(
    of(_GROUP),
    severity=Severity.HIGH,
    remedy="set userGroupIds to a group of users with rights of their own.",
    reference=fsbp("ElastiCache.6 Authentication enabled"),
    everywhere=True,
)
def require_cache_logins(cache: Resource) -> Iterator[str]:
    """Caches answer only whom they know."""
    if not items(cache.props.get("userGroupIds")) and not has(cache.props, "authToken"):
        yield "userGroupIds is not set"


@rule(
    of("aws:elasticache/User"),
    severity=Severity.CRITICAL,
    remedy="give the user passwords or IAM as authenticationMode, or switch it off in accessString.",
    reference=fsbp("ElastiCache.6 Authentication enabled"),
    everywhere=True,
)
def forbid_cache_user_without_password(user: Resource) -> Iterator[str]:
    """No user of a cache comes in without proving who it is."""
    mode = at(user.props, "authenticationMode", "type")
    free = user.props.get("noPasswordRequired") or mode == "no-password-required"
    if free and "off" not in str(user.props.get("accessString")).split():
        yield "it needs no password"


@configured_rule(
    of(_GROUP),
    severity=Severity.MEDIUM,
    remedy="raise snapshotRetentionLimit.",
    reference=fsbp("ElastiCache.1 Automatic backups enabled"),
    options={"days": option("integer", 1, "Fewest days that snapshots are kept")},
)
def require_cache_snapshots(cache: Resource, settings: Props) -> Iterator[str]:
    """Caches that hold sessions can be brought back."""
    days, wanted = whole(cache.props.get("snapshotRetentionLimit")), whole(settings.get("days"))
    if days is None or days < (wanted or 0):
        yield f"snapshotRetentionLimit is {'not set' if days is None else days}, wanted {wanted}"


RULES: Final = (
    require_cache_tls,
    require_cache_encryption,
    require_cache_failover,
    require_cache_logins,
    forbid_cache_user_without_password,
    require_cache_snapshots,
)
