"""Everything that could be read of a preview, secrets and all."""

from collections.abc import Mapping
from dataclasses import dataclass

from review.digest import Digest
from review.events import Log
from review.merging import Merged
from review.steps import Step


@dataclass(frozen=True, kw_only=True)
class Read:
    """What was read, before anything of it may be told."""

    digest: Digest | None
    """None if there was none to read; one that cannot be read is empty."""
    log: Log | None
    merged: Merged
    stderr: str

    @property
    def steps(self) -> tuple[Step, ...]:
        """One for each URN."""
        return self.merged.steps

    @property
    def outputs(self) -> tuple[Mapping[str, object], Mapping[str, object]] | None:
        """The stack's own outputs, before and after. Only the log has those of a preview."""
        return self.log.outputs if self.log is not None else None
