"""Which pods go first when nodes run short."""

from components.scheduling.priorities import Priorities

__all__ = ["Priorities"]
