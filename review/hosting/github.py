"""GitHub's REST API, as far as reports need it: comments and issues of one repository."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeVar

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from review.hosting.answers import Dialect
from review.hosting.conversation import Author, Comment
from review.hosting.errors import (
    ForbiddenError,
    InvalidError,
    MissingError,
    SettingError,
    StrangeError,
)
from review.hosting.transport import Transport

LIMIT: Final = 65_536
"""Characters that GitHub takes as a comment or as an issue's description."""
ACTIONS: Final = "github-actions[bot]"
"""As whom the GITHUB_TOKEN of a workflow writes."""
PUBLIC: Final = "https://api.github.com"

DIALECT: Final = Dialect(
    name="GitHub",
    address="GITHUB_API_URL",
    example=PUBLIC,
    token="GITHUB_TOKEN",  # noqa: S106 - the variable's name
    header="Authorization",
    scheme="Bearer ",
    headers={
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "User-Agent": "agent-platform-review",
    },
    permission="give the job `permissions: pull-requests: write` (for the drift, `issues: write`) "
    "and the step `GITHUB_TOKEN: ${{ github.token }}`",
    place="name the repository as owner/name in GITHUB_REPOSITORY and the pull request by --number",
    hidden="a private repository is hidden from a token that may not read it, and issues can be "
    "switched off in a repository's settings",
)

_REPOSITORY: Final = re.compile(r"[\w-][\w.-]*/(?!\.\.?$)[\w.-]+", re.ASCII)
_ENTERPRISE: Final = "/api/v3"
_VIEWER: Final = "query { viewer { login databaseId } }"
T = TypeVar("T")


class _User(BaseModel, frozen=True):
    login: str
    id: int | None = None


class _Comment(BaseModel, frozen=True):
    id: int
    body: str | None = None
    user: _User | None = None
    html_url: str


class _Viewer(BaseModel, frozen=True):
    login: str
    databaseId: int | None = None  # noqa: N815 - GraphQL's spelling


class _Viewed(BaseModel, frozen=True):
    viewer: _Viewer


class _Data(BaseModel, frozen=True):
    data: _Viewed | None = None


class Issue(BaseModel, frozen=True):
    """An issue as it is there. GitHub lists pull requests among them."""

    number: int
    title: str
    body: str | None = None
    state: str
    html_url: str
    user: _User | None = None
    pull_request: JsonValue = None

    @property
    def author(self) -> Author | None:
        return _author(self.user)


_COMMENT: Final = TypeAdapter(_Comment)
_COMMENTS: Final = TypeAdapter(list[_Comment])
_ISSUE: Final = TypeAdapter(Issue)
_ISSUES: Final = TypeAdapter(list[Issue])
_DATA: Final = TypeAdapter(_Data)


@dataclass(frozen=True)
class Repository:
    """One repository, written to as whoever the token is."""

    transport: Transport
    name: str
    """As `owner/name`."""
    login: str | None = None
    """As whom the token writes, where that is not to be asked."""

    def __post_init__(self) -> None:
        if not _REPOSITORY.fullmatch(self.name):
            raise SettingError(
                f"got the repository {self.name[:80]!r}, wanted owner/name: mend GITHUB_REPOSITORY"
            )

    def author(self) -> Author:
        """As whom the token writes.

        GraphQL's `viewer` answers that for people's and for apps' tokens, REST's `/user` refuses
        apps'. Where it is not to be had it is taken for the token of a workflow; should that be
        wrong, the first comment that is made tells.
        """
        return self._viewer if self.login is None else Author(self.login)

    @cached_property
    def _viewer(self) -> Author:
        enterprise = self.transport.prefix == _ENTERPRISE
        path = "/api/graphql" if enterprise else f"{self.transport.prefix}/graphql"
        try:
            answer = self.transport.send(
                "POST", path, body={"query": _VIEWER}, repeatable=True, from_root=True
            )
        except (ForbiddenError, MissingError, InvalidError):
            return Author(ACTIONS)
        viewed = _read(_DATA, answer.content, path).data
        if viewed is None:
            return Author(ACTIONS)
        return Author(viewed.viewer.login, viewed.viewer.databaseId)

    def open_issues(self) -> Sequence[Issue]:
        """All that are open, the oldest first, pull requests left out."""
        path = f"/repos/{self.name}/issues"
        query = {"state": "open", "sort": "created", "direction": "asc"}
        pages = self.transport.pages(path, query)
        issues = [i for page in pages for i in _read(_ISSUES, page.content, path)]
        return [i for i in issues if i.pull_request is None]

    def create_issue(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """A new one. Labels that are not there are made, if the token may make any."""
        path = f"/repos/{self.name}/issues"
        sent = {"title": title, "body": body, "labels": list(labels)}
        return _read(_ISSUE, self.transport.send("POST", path, body=sent).content, path)

    def describe_issue(self, number: int, body: str) -> Issue:
        """Another description for one."""
        return self._change(number, {"body": body})

    def close_issue(self, number: int, reason: str) -> Issue:
        """Close one, as `completed` or `not_planned`."""
        return self._change(number, {"state": "closed", "state_reason": reason})

    def _change(self, number: int, fields: dict[str, str]) -> Issue:
        path = f"/repos/{self.name}/issues/{number}"
        return _read(_ISSUE, self.transport.send("PATCH", path, body=fields).content, path)


@dataclass(frozen=True)
class PullRequest:
    """The conversation of a pull request, or of an issue: to GitHub they are one."""

    repository: Repository
    number: int

    @property
    def limit(self) -> int:
        return LIMIT

    def author(self) -> Author:
        return self.repository.author()

    def comments(self) -> Sequence[Comment]:
        path = f"{self._repository}/{self.number}/comments"
        pages = self.repository.transport.pages(path)
        return [_told(c) for page in pages for c in _read(_COMMENTS, page.content, path)]

    def create(self, body: str) -> Comment:
        path = f"{self._repository}/{self.number}/comments"
        return self._sent("POST", path, body)

    def update(self, number: int, body: str) -> Comment:
        return self._sent("PATCH", f"{self._repository}/comments/{number}", body)

    def delete(self, number: int) -> None:
        self.repository.transport.send("DELETE", f"{self._repository}/comments/{number}")

    def _sent(self, method: str, path: str, body: str) -> Comment:
        answer = self.repository.transport.send(method, path, body={"body": body})
        return _told(_read(_COMMENT, answer.content, path))

    @property
    def _repository(self) -> str:
        return f"/repos/{self.repository.name}/issues"


def _told(comment: _Comment) -> Comment:
    return Comment(comment.id, comment.body or "", _author(comment.user), comment.html_url)


def _author(user: _User | None) -> Author | None:
    return None if user is None else Author(user.login, user.id)


def _read(kind: TypeAdapter[T], content: bytes, path: str) -> T:
    try:
        return kind.validate_json(content)
    except ValidationError:
        fault = StrangeError(
            f"got an answer on {path} that is not GitHub's, wanted its REST API: "
            "look at GITHUB_API_URL and at a proxy between"
        )
    # Outside of the handler: pydantic's error quotes what it read.
    raise fault
