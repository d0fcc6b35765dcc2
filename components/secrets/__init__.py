"""Credentials and certificates: made in the engine's state, secret from birth, renewed on time."""

from components.secrets.authority import Authority, Certificate
from components.secrets.credential import Credential, CredentialArgs
from components.secrets.rotation import CredentialSettings, Slots

__all__ = [
    "Authority",
    "Certificate",
    "Credential",
    "CredentialArgs",
    "CredentialSettings",
    "Slots",
]
