"""Values that are secrets, and values that are none, for the policies and for the report alike."""

import base64
from typing import Final

RANDOM: Final = "aB3xK9mQ7wZ2" + "pL5vN8tR4yU6cE1dF0gH"
CERTIFICATE: Final = base64.b64encode(
    b"-----BEGIN CERTIFICATE-----\n" + RANDOM.encode() * 3 + b"\n-----END CERTIFICATE-----\n"
).decode()

NAMED: Final = (
    "PGPASSWORD", "REDISCLI_AUTH", "dbPassword1", "OPENAI_KEY", "DB_PASSWORD_2", "authtoken",
    "stripeKey", "CLIENTSECRET",
)  # fmt: skip
"""Names of variables that hold a secret."""

HARMLESS_NAMES: Final = (
    "KMS_KEY_ID", "kmsKey", "SSH_KEY_NAME", "PARTITION_KEY", "sort_key", "KEY", "topologyKey",
    "AUTH_MODE", "TOKEN_LIMIT_1", "passwordPolicy",
)  # fmt: skip
"""Names that sound like one."""

_HIDDEN: Final = "a1B2c3D4" * 5

FORMS: Final = (
    ("pul-" + "0a1b" * 10, "0a1b0a1b"),
    ("glpat-" + _HIDDEN, _HIDDEN),
    ("AIza" + _HIDDEN[:35], _HIDDEN[:35]),
    ("sk_live_" + _HIDDEN, _HIDDEN),
    ("rk_test_" + _HIDDEN, _HIDDEN),
    ("hf_" + _HIDDEN, _HIDDEN),
    ("npm_" + _HIDDEN[:36], _HIDDEN[:36]),
    ("https://hooks.slack.com/services/T0/B0/" + _HIDDEN, _HIDDEN),
    ("redis://:letme1n@host:6379", "letme1n"),
    (f"https://{_HIDDEN}@host/x", _HIDDEN),
    ("curl -s -u admin:letme1n http://host", "letme1n"),
    ("curl --user 'admin:letme1n' http://host", "letme1n"),
    ("curl -H 'Authorization: Basic bGV0bWUxbg' host", "bGV0bWUxbg"),
)
"""Texts with a secret of a known form, and the secret."""

HARMLESS_VALUES: Final = (
    "sha256:" + "0a1b2c3d" * 8,
    "arn:aws:iam::123456789012:role/Platform-Nodes-0aB1",
    "0a1b2c3d" * 8,
    "123e4567-e89b-12d3-a456-426614174000",
    "ssh://git@github.com/some/repository",
    "https://host:8080/a@b",
    "redis://default@host:6379",
    "https://$(LOGIN)@host",
    "curl -u $(LOGIN) http://host",
    CERTIFICATE,
)
"""Texts that have none."""
