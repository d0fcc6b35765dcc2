"""What one preview leaves for the report: a folder with files of these names."""

from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

PLAN: Final = "plan.json"
"""What `pulumi preview --json --show-sames` prints."""
EVENTS: Final = "events.jsonl"
"""The engine's event log."""
ERRORS: Final = "stderr.txt"
"""What it printed besides."""
RUN: Final = "run.json"
"""What is known of the preview that the engine does not tell."""


class RunError(ValueError):
    """A folder does not hold a preview."""


class Run(BaseModel):
    """How a preview was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stack: str
    code: int | None = None
    """The engine's exit code; None if nobody noted it."""
    commit: str = ""
    """Which program was previewed, such as `1a2b3c4`."""
    compared_with: str = "what is deployed"
    incomplete: str = ""
    """Why the preview does not show the change, though the engine went through; empty if it does."""
    remarks: tuple[str, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> "Run":
        """What is noted in the folder; of one without a note, that it is the stack of its name."""
        file = folder / RUN
        if not folder.is_dir() or not any((folder / name).exists() for name in (PLAN, EVENTS, RUN)):
            raise RunError(
                f"got {folder}, which holds no preview; wanted a folder with {PLAN} (pulumi preview "
                f"--json --show-sames), {EVENTS} (--event-log) or both"
            )
        if not file.exists():
            return cls(stack=folder.name)
        try:
            return cls.model_validate_json(file.read_text())
        except ValidationError as error:
            raise RunError(f"got {file} of another form: {error}") from error

    def write(self, folder: Path) -> None:
        """Note it in the folder."""
        (folder / RUN).write_text(self.model_dump_json(indent=2) + "\n")
