"""What GitHub keeps and how it shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.review.hosting.server import Answer, Request

REPOSITORY: Final = "octo/platform"
LIMIT: Final = 65_536
DOCS: Final = "https://docs.github.com/rest"

Record = dict[str, object]


@dataclass(frozen=True)
class Account:
    """Somebody who can write."""

    login: str
    id: int
    kind: str = "User"

    @property
    def shown(self) -> Record:
        return {"login": self.login, "id": self.id, "type": self.kind}


ACTIONS: Final = Account("github-actions[bot]", 41898282, "Bot")
OTHER_APP: Final = Account("labeller[bot]", 55, "Bot")
PERSON: Final = Account("ada", 7)


@dataclass
class Grant:
    """A token: whose it is and what it may."""

    account: Account
    may_write: bool = True
    may_delete: bool = True
    collaborator: bool = False
    """Writes where a conversation is locked."""


@dataclass
class Thread:
    """A pull request or an issue."""

    number: int
    author: Account
    pull_request: bool
    title: str = ""
    body: str = ""
    labels: list[str] = field(default_factory=list[str])
    state: str = "open"
    state_reason: str | None = None
    locked: bool = False

    @property
    def shown(self) -> Record:
        kind = "pull" if self.pull_request else "issues"
        shown: Record = {
            "number": self.number,
            "title": self.title,
            "body": self.body or None,
            "state": self.state,
            "state_reason": self.state_reason,
            "locked": self.locked,
            "labels": [{"name": label} for label in self.labels],
            "user": self.author.shown,
            "html_url": f"https://github.example/{REPOSITORY}/{kind}/{self.number}",
        }
        return {**shown, "pull_request": {"merged_at": None}} if self.pull_request else shown


@dataclass
class Remark:
    """A comment."""

    id: int
    thread: int
    body: str
    author: Account

    @property
    def shown(self) -> Record:
        page = f"https://github.example/{REPOSITORY}/pull/{self.thread}#issuecomment-{self.id}"
        return {
            "id": self.id,
            "body": self.body,
            "user": self.author.shown,
            "html_url": page,
            "performed_via_github_app": None,
        }


def page(request: Request, records: list[Record], address: str) -> Answer:
    """One page of a list: thirty records unless asked for more, never over a hundred."""
    size = min(int(request.query.get("per_page", "30")), 100)
    number = int(request.query.get("page", "1"))
    last = max((len(records) + size - 1) // size, 1)
    query = "&".join(f"{k}={v}" for k, v in request.query.items() if k != "page")
    numbers = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
    links = [
        f'<{address}{request.path}?{query}&page={n}>; rel="{rel}"'
        for rel, n in numbers.items()
        if last > 1 and 1 <= n <= last and n != number
    ]
    shown = records[(number - 1) * size : number * size]
    return Answer(200, shown, {"Link": ", ".join(links)} if links else {})


def too_long(resource: str, place: str) -> Answer:
    """The refusal of a body over the limit."""
    error: Mapping[str, object] = {
        "resource": resource,
        "code": "unprocessable",
        "field": place,
        "message": "Body is too long (maximum is 65536 characters)",
    }
    return Answer(422, {"message": "Validation Failed", "errors": [error], "status": "422"})


def refusal(status: int, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """A refusal as GitHub words it."""
    body = {"message": message, "documentation_url": DOCS, "status": str(status)}
    return Answer(status, body, headers or {})
