"""Tenants: whose an agent is, what it may use, and whom it may talk to."""

from components.tenancy.settings import Quota, TenantSettings
from components.tenancy.tenant import RESTRICTED, Tenant, TenantArgs

__all__ = ["RESTRICTED", "Quota", "Tenant", "TenantArgs", "TenantSettings"]
