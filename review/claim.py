"""Which pull request a run is about, as it says itself: a note beside the report.

Another run, which may write, reads it and believes it only once the host has confirmed it
(`review.handover`): whoever controls a run controls its note.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

NOTE: Final = "pull-request.txt"
NUMBER: Final = re.compile(r"([1-9][0-9]{0,8})\n?", re.ASCII)


class _Numbered(BaseModel):
    number: int


class _Event(BaseModel):
    pull_request: _Numbered | None = None


def write(folder: Path, environment: Mapping[str, str]) -> None:
    """Note the number where a pull request started this run; elsewhere nothing."""
    file = environment.get("GITHUB_EVENT_PATH")
    if not file or not Path(file).is_file():
        return
    try:
        event = _Event.model_validate_json(Path(file).read_bytes())
    except ValidationError:
        # Somebody else's variable: whoever posts the report asks for the event, and tells what is wrong.
        return
    if event.pull_request is not None:
        (folder / NOTE).write_text(f"{event.pull_request.number}\n")
