"""Credentials and certificates: made in the engine's state, secret from birth, renewed on time."""

from components.secrets.access import ForeignSecret, SecretAccess, SecretAccessArgs
from components.secrets.authority import Authority, Certificate
from components.secrets.credential import Credential, CredentialArgs
from components.secrets.delivery import DIRECT, ClusterDelivery, Delivery
from components.secrets.rotation import CredentialSettings, Slots
from components.secrets.secrets_manager import SecretsManagerDelivery, Vault

__all__ = [
    "DIRECT",
    "Authority",
    "Certificate",
    "ClusterDelivery",
    "Credential",
    "CredentialArgs",
    "CredentialSettings",
    "Delivery",
    "ForeignSecret",
    "SecretAccess",
    "SecretAccessArgs",
    "SecretsManagerDelivery",
    "Slots",
    "Vault",
]
