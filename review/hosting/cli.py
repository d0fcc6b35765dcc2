"""Commands that bring a report to where it is read."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from review.hosting import comments, gitlab, issues
from review.hosting.conversation import Conversation
from review.hosting.environment import Actions, Pipeline, Target
from review.hosting.errors import (
    ForbiddenError,
    HostingError,
    LockedError,
    RefusedError,
    SettingError,
)
from review.hosting.github import DIALECT, PullRequest, Repository
from review.hosting.marker import Run
from review.hosting.summary import Job, Weight
from review.hosting.transport import Access, Transport
from review.hosting.waiting import Patience
from toolchain.faults import MENDABLE, MendableError, text

# One line per paragraph: line breaks in a help text are shown as they are.
_EXITS: Final = (
    "\n\nExit code 0: it is there. 1: it could not be brought there; the message says how to mend it, "
    "and the report is in the job's summary. 2: wrong options."
)
_READONLY: Final = (
    "\n\nWhere only the host's rules keep it away (a fork's or Dependabot's run has a read-only token, "
    "or the conversation is locked), the report goes to the job's summary, an annotation says so, and "
    "the exit code is 0: nobody who works on that pull request could mend it."
)

app = typer.Typer(
    help="Bring a report to where it is read: a pull request, an issue, the job's summary.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

File = Annotated[Path, typer.Argument(help="The report, in Markdown.", exists=True, dir_okay=False)]
Deadline = Annotated[
    float,
    typer.Option(
        min=1,
        envvar="REVIEW_DEADLINE",
        help="Seconds for all that is asked of the host, waits for its rate limits among them.",
    ),
]
Login = Annotated[
    str | None,
    typer.Option(
        "--author",
        envvar="REVIEW_AUTHOR",
        help="As whom the token writes, where the host does not tell: GitHub is asked, and a "
        "token of which nothing is told is taken for that of GitHub Actions.",
    ),
]


@app.command(
    "comment", help=f"Post a report as the one comment of a pull request.{_READONLY}{_EXITS}"
)
def comment_command(
    file: File,
    *,
    key: Annotated[
        str, typer.Option(help="Which comment: each key has one of its own per pull request.")
    ] = "preview",
    number: Annotated[
        int | None,
        typer.Option(
            min=1,
            envvar="REVIEW_PULL_REQUEST",
            help="Of the pull request, where the event does not tell it.",
        ),
    ] = None,
    author: Login = None,
    deadline: Deadline = 180.0,
) -> None:
    """Post a report as the one comment of a pull request."""
    job = Job.read(os.environ)
    with _ending(job, file):
        attempt = _Attempt(job, file, _read(file), key)
        if os.environ.get("GITLAB_CI") == "true":
            posted = _post_on_gitlab(attempt, deadline)
        else:
            posted = _post_on_github(attempt, number, author, deadline)
        if posted is None:
            job.tell({"outcome": "summary", "url": ""})
            return
        job.tell({"outcome": posted.outcome, "url": posted.url})
        shorter = " (shortened to what the host takes)" if posted.shortened else ""
        typer.echo(f"comment {posted.outcome}{shorter}: {posted.url}")


@app.command("drift", help=f"Tell drift in one issue, or close it when there is none.{_EXITS}")
def drift_command(
    file: Annotated[
        Path | None,
        typer.Argument(help="What drifted, in Markdown.", exists=True, dir_okay=False),
    ] = None,
    *,
    none: Annotated[
        bool, typer.Option("--none", help="There is no drift any more: close the issue.")
    ] = False,
    title: Annotated[str, typer.Option(help="Of a new issue.")] = "What is deployed has drifted",
    label: Annotated[
        list[str] | None, typer.Option(help="Of a new issue; may be repeated.")
    ] = None,
    key: Annotated[str, typer.Option(help="Which issue: each key has one of its own.")] = "drift",
    author: Login = None,
    deadline: Deadline = 180.0,
) -> None:
    """Tell drift in one issue, or close it when there is none."""
    if (file is None) is not none:
        raise typer.BadParameter("give either the file that tells the drift, or --none")
    job = Job.read(os.environ)
    with _ending(job, file):
        actions = Actions.read(os.environ)
        with _github(actions, deadline) as transport:
            repository = Repository(transport, actions.repository, author)
            if file is None:
                told = issues.resolve(repository, key=key)
            else:
                told = issues.report(title, _read(file), repository, key=key, labels=label or ())
        job.tell({"outcome": told.drift, "url": told.url})
        typer.echo(
            f"drift {told.drift}: {told.url}" if told.url else "no drift, and no issue of any"
        )


@app.command("summary", help="Put a report into the job's summary (GITHUB_STEP_SUMMARY).")
def summary_command(file: File) -> None:
    """Put a report into the job's summary."""
    job = Job.read(os.environ)
    with _ending(job, None):
        job.add(_read(file))


@dataclass(frozen=True)
class _Attempt:
    """A report that is to become a comment."""

    job: Job
    file: Path
    report: str
    key: str

    def at(self, place: Conversation, target: Target, run: Run | None) -> comments.Posted | None:
        """Post it; None where nobody of the pull request can mend what keeps it away."""
        try:
            return comments.post(self.report, place, self.key, run=run)
        except LockedError as error:
            self.instead(Weight.WARNING, str(error))
        except (ForbiddenError, RefusedError) as error:
            if not target.readonly:
                raise
            self.instead(Weight.NOTICE, f"a fork's or Dependabot's run may only read: {error}")
        return None

    def instead(self, weight: Weight, why: str) -> None:
        """Leave it to the summary, and say so."""
        where = _read_there(self.job, self.file)
        typer.echo(self.job.annotation(weight, f"No comment, {where}: {why}"), err=True)


def _post_on_github(
    attempt: _Attempt, number: int | None, author: str | None, deadline: float
) -> comments.Posted | None:
    actions = Actions.read(os.environ)
    target = actions.target(number)
    with _github(actions, deadline) as transport:
        place = PullRequest(Repository(transport, actions.repository, author), target.number)
        return attempt.at(place, target, actions.run())


def _post_on_gitlab(attempt: _Attempt, deadline: float) -> comments.Posted | None:
    pipeline = Pipeline.read(os.environ)
    target = pipeline.target()
    if target.readonly and not pipeline.token.get_secret_value():
        attempt.instead(Weight.NOTICE, "a fork's pipeline gets no GITLAB_TOKEN")
        return None
    access = Access(base=pipeline.api_url, token=pipeline.token, dialect=gitlab.DIALECT)
    with _transport(access, deadline) as transport:
        place = gitlab.MergeRequest(
            transport, pipeline.project, target.number, pipeline.project_url
        )
        return attempt.at(place, target, pipeline.run())


def _read(file: Path) -> str:
    try:
        report = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        report = ""
    if not report.strip():
        raise SettingError(f"got no text in {file}, wanted a report in UTF-8: write it once more")
    return report


def _read_there(job: Job, file: Path) -> str:
    """Where the report can be read without the host's leave."""
    if job.summary is None:
        return f"the report is in {file.name}"
    job.add(_read(file))
    return "the report is in the job's summary"


@contextmanager
def _ending(job: Job, file: Path | None) -> Generator[None]:
    """What cannot be mended here ends in one message, and the report is read all the same."""
    try:
        yield
    except MENDABLE as error:
        told = text(error)
        if file is not None and isinstance(error, HostingError):
            try:
                told = f"{told} ({_read_there(job, file)})"
            except (MendableError, OSError) as second:
                told = f"{told} (and no summary: {text(second)})"
        typer.echo(job.annotation(Weight.ERROR, told), err=True)
        raise typer.Exit(1) from None


def _github(actions: Actions, deadline: float) -> Transport:
    return _transport(Access(base=actions.api_url, token=actions.token, dialect=DIALECT), deadline)


def _transport(access: Access, deadline: float) -> Transport:
    return Transport(
        access, patience=Patience(deadline=deadline), say=lambda line: typer.echo(line, err=True)
    )
