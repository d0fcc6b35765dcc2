"""Previews of stacks, from which reports are made."""

from toolchain.cli.actions import say
from toolchain.faults import MENDABLE, text
from toolchain.paths import Paths
from toolchain.previews import plan


def preview(stack: str, base: str) -> None:
    """Preview the stack against the base; an empty name has it found."""
    paths = Paths.from_environment()
    try:
        plan.preview(stack, base or None, paths, say)
    except MENDABLE as error:
        plan.unmade(stack, paths, text(error))
        raise


def drift(stack: str) -> None:
    """Preview the stack against what is really there."""
    plan.drift(stack, Paths.from_environment(), say)
