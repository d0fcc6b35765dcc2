"""What is known of a kind of resource: what goes with it."""

from collections.abc import Callable
from dataclasses import dataclass

from review.steps import Inputs

Phrase = str | Callable[[Inputs], str | None] | None
"""What goes on from `it loses`: as it stands, by what was asked for, or nothing."""


@dataclass(frozen=True, kw_only=True)
class Lost:
    """What is lost of one kind. Each phrase is short enough for a line of a report."""

    deleted: Phrase
    """When it is taken away."""
    replaced: Phrase
    """When there is a new one before the old one goes."""
    gap: Phrase = None
    """When the old one goes first, if that is more than `replaced`."""
    holds: bool = False
    """What is lost is what it holds, which nobody can make anew from the program."""


def both(phrase: Phrase) -> Lost:
    """The same, whether something comes after it or not."""
    return Lost(deleted=phrase, replaced=phrase)


def content(phrase: Phrase) -> Lost:
    """What it holds, which does not move to another one."""
    return Lost(deleted=phrase, replaced=phrase, holds=True)


def meanwhile(phrase: str) -> Lost:
    """What it does, which a new one takes over; if the old one goes first, there is a time without."""
    return Lost(deleted=phrase, replaced=None, gap=f"{phrase} until the new one is there")


def switch(inputs: Inputs, key: str) -> bool | None:
    """Whether something is on, off being the default; None where that is not known."""
    value = inputs.get(key)
    return False if value is None else value if isinstance(value, bool) else None


def given(inputs: Inputs, key: str) -> bool:
    """Whether something is set, to whatever it may be."""
    return inputs.get(key) not in (None, "")
