"""GitLab's REST API, as far as reports need it: the notes of one merge request."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from review.hosting.answers import Dialect
from review.hosting.conversation import Author, Comment
from review.hosting.errors import StrangeError
from review.hosting.transport import Transport

LIMIT: Final = 1_000_000
"""Characters that GitLab takes as a note."""

DIALECT: Final = Dialect(
    name="GitLab",
    address="CI_API_V4_URL",
    example="https://gitlab.com/api/v4",
    token="GITLAB_TOKEN",  # noqa: S106 - the variable's name
    header="PRIVATE-TOKEN",
    headers={"Accept": "application/json", "User-Agent": "agent-platform-review"},
    permission="put a project access token with the scope `api` into the masked variable GITLAB_TOKEN "
    "(CI_JOB_TOKEN may not write notes)",
    place="run this in a merge request pipeline, which has CI_MERGE_REQUEST_IID",
    hidden="a private project is hidden from a token that may not read it",
)
T = TypeVar("T")


class _User(BaseModel, frozen=True):
    id: int
    username: str


class _Note(BaseModel, frozen=True):
    id: int
    body: str
    author: _User | None = None
    system: bool = False
    """Written by GitLab itself, such as that a commit was added."""


_USER: Final = TypeAdapter(_User)
_NOTE: Final = TypeAdapter(_Note)
_NOTES: Final = TypeAdapter(list[_Note])


@dataclass(frozen=True)
class MergeRequest:
    """The notes of one merge request."""

    transport: Transport
    project: str
    """Its number."""
    number: int
    url: str = ""
    """Of the project, for people."""

    @property
    def limit(self) -> int:
        return LIMIT

    def author(self) -> Author:
        return _author(_read(_USER, self.transport.send("GET", "/user").content, "/user"))

    def comments(self) -> Sequence[Comment]:
        pages = self.transport.pages(self._path, {"sort": "asc", "order_by": "created_at"})
        notes = [n for page in pages for n in _read(_NOTES, page.content, self._path)]
        return [self._told(note) for note in notes if not note.system]

    def create(self, body: str) -> Comment:
        return self._sent("POST", self._path, body)

    def update(self, number: int, body: str) -> Comment:
        return self._sent("PUT", f"{self._path}/{number}", body)

    def delete(self, number: int) -> None:
        self.transport.send("DELETE", f"{self._path}/{number}")

    def _sent(self, method: str, path: str, body: str) -> Comment:
        answer = self.transport.send(method, path, body={"body": body})
        return self._told(_read(_NOTE, answer.content, path))

    def _told(self, note: _Note) -> Comment:
        url = f"{self.url}/-/merge_requests/{self.number}#note_{note.id}" if self.url else ""
        author = None if note.author is None else _author(note.author)
        return Comment(note.id, note.body, author, url)

    @property
    def _path(self) -> str:
        return f"/projects/{self.project}/merge_requests/{self.number}/notes"


def _author(user: _User) -> Author:
    return Author(user.username, user.id)


def _read(kind: TypeAdapter[T], content: bytes, path: str) -> T:
    try:
        return kind.validate_json(content)
    except ValidationError:
        fault = StrangeError(
            f"got an answer on {path} that is not GitLab's, wanted its REST API: "
            "look at CI_API_V4_URL and at a proxy between"
        )
    # Outside of the handler: pydantic's error quotes what it read.
    raise fault
