"""Workload identity: which pod may do what in AWS."""

from components.identity.identity import Federation, Identity, IdentityArgs, role_name
from components.identity.statements import Statement, document, policy
from components.identity.trust import Mode, by_service

__all__ = [
    "Federation",
    "Identity",
    "IdentityArgs",
    "Mode",
    "Statement",
    "by_service",
    "document",
    "policy",
    "role_name",
]
