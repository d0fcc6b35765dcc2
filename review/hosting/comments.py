"""One comment with the report, whoever writes at the same time.

No host offers "write if nobody else has": so what is there is looked at, mended and looked at again
until a look finds nothing to mend. That is the answer to all of these at once: two runs that both
wrote a first comment, a comment deleted by hand between look and write, a write of which nobody knows
whether it came through, and an older run that ends after a newer one. The oldest comment of ours stays,
with what the latest run says; the others go. What remains open is the moment between an older run's
look and its write; a workflow that lets one run at a time write for a pull request closes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from review.hosting.conversation import Author, Comment, Conversation
from review.hosting.errors import ForbiddenError, MissingError, UnreachableError, UnsureError
from review.hosting.marker import Marker, Run, plain
from review.hosting.writing import Shorten, Writing, send

LOOKS: Final = 6


class Outcome(StrEnum):
    """What became of a report."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    """It was there already, as this run would have written it."""
    SUPERSEDED = "superseded"
    """A later run has spoken; what it says stands."""


@dataclass(frozen=True)
class Posted:
    """Where the report is now."""

    outcome: Outcome
    url: str
    removed: int = 0
    """Comments of ours that were one too many."""
    shortened: bool = False


def post(
    report: str,
    place: Conversation,
    key: str,
    *,
    run: Run | None = None,
    shorten: Shorten | None = None,
) -> Posted:
    """See to it that exactly one comment carries this key, and that it says what the latest run says.

    A later run with the same report writes once, to note that it has spoken: an older one that ends
    after it would else put back what is out of date. The same run with the same report writes nothing.
    """
    marker = Marker("preview", key)
    thread = _Thread(place, marker, run, Writing(marker.head(run), report, shorten))
    unsure: UnsureError | None = None
    for _ in range(LOOKS):
        try:
            if thread.mended():
                continue
        except UnsureError as error:
            unsure = error
            continue
        return thread.posted()
    if thread.wrote:
        # Somebody writes against us; what we wrote was taken all the same.
        return thread.posted()
    raise unsure or UnreachableError(
        f"got other comments in each of {LOOKS} looks, wanted them to stay for a moment: run this again"
    )


@dataclass
class _Thread:
    """Our comments at one place, and what was done about them so far."""

    place: Conversation
    marker: Marker
    run: Run | None
    writing: Writing
    author: Author = field(init=False)
    made: Comment | None = None
    gone: set[int] = field(default_factory=set[int])
    kept: set[int] = field(default_factory=set[int])
    url: str = ""
    wrote: bool = False
    superseded: bool = False
    removed: int = 0

    def __post_init__(self) -> None:
        self.writing = self.writing.within(self.place.limit)
        self.author = self.place.author()

    def posted(self) -> Posted:
        if self.superseded:
            outcome = Outcome.SUPERSEDED
        elif self.made is not None and self.made.number not in self.gone:
            outcome = Outcome.CREATED
        else:
            outcome = Outcome.UPDATED if self.wrote else Outcome.UNCHANGED
        return Posted(outcome, self.url, self.removed, self.writing.shortened)

    def mended(self) -> bool:
        """Look, and mend what is not as it should be; whether there was anything."""
        ours = self._ours()
        if not ours:
            self._create()
            return True
        oldest, *others = ours
        self.url = oldest.url
        wrote = self._update(oldest, self._wanted(ours))
        removed = [self._delete(comment) for comment in others]
        return wrote or any(removed)

    def _ours(self) -> Sequence[Comment]:
        listed = {c.number: c for c in self.place.comments()}
        if self.made is not None:
            # A list may lag behind what was written a moment ago.
            listed.setdefault(self.made.number, self.made)
        ours = [
            c
            for c in listed.values()
            if c.number not in self.gone and self.author.same(c.author) and self.marker.on(c.body)
        ]
        return sorted(ours, key=lambda c: c.number)

    def _wanted(self, ours: Sequence[Comment]) -> str:
        """What the latest run says: this one, unless one that is there is later."""
        body, run = self.writing.body, self.run
        self.superseded = False
        for comment in ours:
            other = self.marker.run(comment.body)
            if other is not None and other.later_than(run):
                body, run, self.superseded = comment.body, other, True
        return body

    def _create(self) -> None:
        self.made, self.writing = send(self.writing, self.place.create, self.place.limit)
        # From now on it is known for certain as whom the token writes.
        self.author = self.made.author or self.author
        self.url, self.wrote = self.made.url, True

    def _update(self, comment: Comment, wanted: str) -> bool:
        if plain(comment.body) == plain(wanted):
            return False
        try:
            if wanted == self.writing.body:
                _, self.writing = send(
                    self.writing,
                    lambda body: self.place.update(comment.number, body),
                    self.place.limit,
                )
            else:
                self.place.update(comment.number, wanted)
        except MissingError:
            self.gone.add(comment.number)
            return True
        self.wrote = True
        return True

    def _delete(self, comment: Comment) -> bool:
        if comment.number in self.kept:
            return False
        try:
            self.place.delete(comment.number)
        except MissingError:
            self.gone.add(comment.number)
            return True
        except ForbiddenError:
            # It may write and not delete: better two comments than no report.
            self.kept.add(comment.number)
            return False
        self.gone.add(comment.number)
        self.removed += 1
        return True
