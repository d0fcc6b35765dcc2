"""Where images are kept for the nodes of a cluster on AWS."""

from components.registry.registry import Registry, RegistryArgs
from components.registry.settings import RegistrySettings

__all__ = ["Registry", "RegistryArgs", "RegistrySettings"]
