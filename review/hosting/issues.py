"""One issue for the drift: opened when there is some, kept up to date, closed when there is none.

Its description always tells the drift as it is now. Editing a description tells nobody, so the first
time that the drift is another than when the issue was opened a comment says so, and later ones only
bring that comment up to date. A closed issue stays closed: drift that comes back is a new event with a
new issue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from review.hosting.comments import post
from review.hosting.conversation import Author
from review.hosting.errors import UnsureError
from review.hosting.github import LIMIT, Issue, PullRequest, Repository
from review.hosting.marker import Marker, plain
from review.hosting.writing import Shorten, Writing, send

LOOKS: Final = 4
CHANGED: Final = (
    "The drift is another than when this issue was opened. The description tells it as it is."
)
GONE: Final = "There is no drift any more."


class Drift(StrEnum):
    """What became of the issue."""

    OPENED = "opened"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CLOSED = "closed"
    NONE = "none"
    """No drift, and no open issue that tells of any."""


@dataclass(frozen=True)
class Reported:
    """Where the drift is told."""

    drift: Drift
    url: str = ""
    shortened: bool = False


def report(
    title: str,
    body: str,
    repository: Repository,
    *,
    key: str = "drift",
    labels: Sequence[str] = (),
    shorten: Shorten | None = None,
) -> Reported:
    """See to it that exactly one open issue tells this drift. Whoever renamed it keeps their title."""
    marker = Marker("drift", key)
    writing = Writing(marker.head(None), body, shorten).within(LIMIT)
    author = repository.author()
    made: Issue | None = None
    unsure: UnsureError | None = None
    for _ in range(LOOKS):
        ours = _ours(repository, marker, author, made)
        if ours:
            oldest, *others = ours
            _merge(repository, oldest, others)
            if made is not None and oldest.number == made.number:
                return Reported(Drift.OPENED, made.html_url, writing.shortened)
            return _describe(repository, oldest, writing, key)
        try:
            made, writing = send(
                writing, lambda text: repository.create_issue(title, text, labels), LIMIT
            )
        except UnsureError as error:
            unsure = error
            continue
        # From now on it is known for certain as whom the token writes.
        author = made.author or author
    raise unsure or AssertionError("an issue that was made is found")


def resolve(repository: Repository, *, key: str = "drift", told: str = GONE) -> Reported:
    """Close what tells of drift, with a comment that says why. The caller knows that there is none."""
    marker = Marker("drift", key)
    ours = _ours(repository, marker, repository.author(), None)
    for issue in ours:
        # The comment first: if the rest fails, the next night finds the issue open and goes on.
        post(told, PullRequest(repository, issue.number), f"{key}-gone")
        repository.close_issue(issue.number, "completed")
    return Reported(Drift.CLOSED, ours[0].html_url) if ours else Reported(Drift.NONE)


def _ours(
    repository: Repository, marker: Marker, author: Author, made: Issue | None
) -> Sequence[Issue]:
    listed = {i.number: i for i in repository.open_issues()}
    if made is not None:
        # A list may lag behind what was written a moment ago.
        listed.setdefault(made.number, made)
    ours = [i for i in listed.values() if author.same(i.author) and marker.on(i.body or "")]
    return sorted(ours, key=lambda issue: issue.number)


def _merge(repository: Repository, oldest: Issue, others: Sequence[Issue]) -> None:
    for issue in others:
        place = PullRequest(repository, issue.number)
        post(f"Told in #{oldest.number}, which is older.", place, "drift-twice")
        repository.close_issue(issue.number, "not_planned")


def _describe(repository: Repository, issue: Issue, writing: Writing, key: str) -> Reported:
    if plain(issue.body or "") == plain(writing.body):
        return Reported(Drift.UNCHANGED, issue.html_url, writing.shortened)
    # The comment first: once the description is written nothing shows that it was another.
    post(CHANGED, PullRequest(repository, issue.number), f"{key}-changed")
    _, writing = send(writing, lambda text: repository.describe_issue(issue.number, text), LIMIT)
    return Reported(Drift.UPDATED, issue.html_url, writing.shortened)
