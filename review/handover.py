"""Posts the report that a fork's run left: `python -m review.handover FOLDER`.

Whoever sends a pull request from a fork controls all that its run leaves: the report's text, the files'
names, and which pull request they claim to be about. What is believed is the event, which GitHub wrote,
and GitHub's answer on the claimed pull request.
"""

import html
import os
import re
import stat
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from review.claim import NOTE, NUMBER
from review.hosting import comments
from review.hosting.environment import Actions
from review.hosting.errors import HostingError, LockedError, SettingError, StrangeError
from review.hosting.github import DIALECT, PullRequest, Repository
from review.hosting.summary import Job, Weight
from review.hosting.transport import Access, Transport
from toolchain.faults import MENDABLE, text

KEY: Final = "preview"
"""The same comment as of a branch of the repository itself."""
REPORT: Final = "report.md"
LARGEST: Final = 4 * 65_536
"""Bytes: as many as a comment of the longest kind can have."""

_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
"""What a reader does not see: controls, and letters that turn the direction of reading."""
_CALLS: Final = re.compile(
    r"(?i)&(?:#\w+|\w+);|@(?=\w)|#(?=\d)|\bGH-(?=\d)|/(?:issues|pull|discussions|commit)/(?=\w)"
)
"""What tells somebody of the comment, or shows it below another issue; and what could be read as such."""
_QUIET: Final = "\u2060"
"""Unseen, joins without a gap, and ends a mention before it begins."""


class HandoverError(HostingError):
    """What the other run left is not what its workflow leaves."""


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Repository(_Told):
    full_name: str = Field(pattern=r"^[\w.-]{1,100}/[\w.-]{1,100}$")


class _Ended(_Told):
    event: str
    head_sha: str = Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")
    head_repository: _Repository


class _Event(_Told):
    workflow_run: _Ended


class _Side(_Told):
    sha: str
    repo: _Repository | None = None
    """None when a fork was deleted."""


class _Claimed(_Told):
    number: int
    state: str
    head: _Side
    base: _Side


@dataclass(frozen=True)
class Handover:
    """What a run left."""

    number: int
    """Of the pull request that it claims to be about."""
    report: str

    @classmethod
    def read(cls, folder: Path) -> "Handover":
        """From the folder that the artifacts of the run were put in. Raises `HandoverError`."""
        note = NUMBER.fullmatch(_text(folder / NOTE))
        if note is None:
            raise HandoverError(
                f"got a {NOTE} that is no number, wanted that of the pull request: nothing is posted of a "
                "run that left something else"
            )
        return cls(int(note[1]), _text(folder / REPORT))


def _text(file: Path) -> str:
    try:
        found = file.lstat()
    except OSError as error:
        raise HandoverError(
            f"got no {file.name} from the run, wanted one: {error.strerror}"
        ) from error
    if not stat.S_ISREG(found.st_mode) or not 0 < found.st_size <= LARGEST:
        raise HandoverError(
            f"got a {file.name} of {found.st_size} bytes and of mode {found.st_mode:o}, wanted a plain file "
            f"with 1 to {LARGEST}: nothing is posted of it"
        )
    return file.read_bytes().decode("utf-8", errors="replace")


def tamed(report: str, head: str, sha: str, home: str) -> str:
    """The report as it may stand in a comment of ours: calls nobody, hides nothing, says whose it is."""
    seen = _UNSEEN.sub("", report.replace("\r\n", "\n"))
    plain = _CALLS.sub(_quieted, seen)
    if head == home:
        return plain
    return (
        f"> Made by code of the fork `{head}` at `{sha[:12]}`, which may be changed to say anything. "
        f"Read it as its author's word.\n\n{plain}"
    )


def _quieted(found: re.Match[str]) -> str:
    if not found[0].startswith("&"):
        return found[0] + _QUIET
    # A parser reads another letter in its place; of the report's own only punctuation.
    harmless = not any(one.isalnum() or one in "@#/-" for one in html.unescape(found[0]))
    return found[0] if harmless else f"&amp;{found[0][1:]}"


def confirmed(claimed: _Claimed, ended: _Ended, home: str) -> str:
    """Why the claim is not to be believed; empty when it is true."""
    head, base = claimed.head.repo, claimed.base.repo
    if base is None or base.full_name != home:
        return "it is of another repository"
    if head is None or head.full_name != ended.head_repository.full_name:
        return f"it does not come from {ended.head_repository.full_name}, which the run is of"
    if claimed.head.sha != ended.head_sha:
        return f"it is at {claimed.head.sha[:12]} and the run was of {ended.head_sha[:12]}"
    if claimed.state != "open":
        return f"it is {claimed.state}"
    return ""


def main(arguments: Sequence[str], variables: Mapping[str, str] = os.environ) -> int:
    """Post, or tell why not; 0 when there is nothing left to do about it."""
    job = Job.read(variables)
    try:
        if len(arguments) != 1:
            raise SettingError(
                f"got {len(arguments)} arguments, wanted the folder with what the run left: "
                "make fork-comment HANDOVER=folder"
            )
        print(_post(Handover.read(Path(arguments[0])), job, variables))
    except LockedError as error:
        print(job.annotation(Weight.WARNING, f"No comment: {error}"), file=sys.stderr)
    except MENDABLE as error:
        print(job.annotation(Weight.ERROR, text(error)), file=sys.stderr)
        return 1
    return 0


def _post(handover: Handover, job: Job, variables: Mapping[str, str]) -> str:
    actions = Actions.read(variables)
    ended = _event(actions).workflow_run
    access = Access(base=actions.api_url, token=actions.token, dialect=DIALECT)
    with Transport(access, say=lambda line: print(line, file=sys.stderr)) as transport:
        path = f"/repos/{actions.repository}/pulls/{handover.number}"
        try:
            claimed = _Claimed.model_validate_json(transport.send("GET", path).content)
        except ValidationError:
            claimed = None
        if claimed is None:
            raise StrangeError(
                f"got an answer on {path} that is not GitHub's, wanted a pull request"
            )
        if doubt := confirmed(claimed, ended, actions.repository):
            told = (
                f"Nothing posted on #{handover.number}, which the run claims to be about: {doubt}"
            )
            return job.annotation(Weight.NOTICE, told)
        head = ended.head_repository.full_name
        report = tamed(handover.report, head, ended.head_sha, actions.repository)
        place = PullRequest(Repository(transport, actions.repository), handover.number)
        posted = comments.post(report, place, KEY, run=actions.run())
    job.tell({"outcome": posted.outcome, "url": posted.url})
    return f"comment {posted.outcome}: {posted.url}"


def _event(actions: Actions) -> _Event:
    if actions.event_path is None:
        raise SettingError(
            "got no GITHUB_EVENT_PATH, wanted the event of a workflow_run: run this in such a workflow"
        )
    try:
        event = _Event.model_validate_json(actions.event_path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise SettingError(
            f"got an event that is no workflow_run ({first['msg']}: {first['loc']}), wanted one: run "
            "this in a workflow that is started by the end of another"
        ) from error
    if event.workflow_run.event != "pull_request":
        raise SettingError(
            f"got a run of the event {event.workflow_run.event!r}, wanted pull_request: nothing else "
            "has a pull request to comment on"
        )
    return event


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
