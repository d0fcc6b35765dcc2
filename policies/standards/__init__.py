"""Which rules stand for what others ask for: a benchmark's controls, other tools' checks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Covered:
    """What somebody else asks for, and the rules that ask for it here."""

    id: str
    subject: str
    rules: tuple[str, ...] = ()
    why: str = ""
    """What the rules leave to others, or why no rule can judge it here."""
