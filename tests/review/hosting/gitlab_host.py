"""GitLab as its clients see it: the notes of merge requests, project access tokens, pages."""

import re
from dataclasses import dataclass, field
from typing import Final

from tests.review.hosting.server import Answer, FakeClock, Host, Request

PROJECT: Final = "278"
BOT: Final = 31
PERSON: Final = 7
LIMIT: Final = 1_000_000


@dataclass
class Note:
    """A comment."""

    id: int
    body: str
    author: int
    system: bool = False

    @property
    def shown(self) -> dict[str, object]:
        author = {"id": self.author, "username": f"user_{self.author}", "name": "Somebody"}
        return {"id": self.id, "body": self.body, "author": author, "system": self.system}


@dataclass
class GitLabHost(Host):
    """One project with one merge request, number 5."""

    clock: FakeClock
    address: str = ""
    tokens: dict[str, int] = field(default_factory=dict[str, int])
    notes: list[Note] = field(default_factory=list[Note])
    scoped: bool = True

    def __post_init__(self) -> None:
        super().__init__(self.clock)

    def write(self, body: str, author: int = BOT, *, system: bool = False) -> Note:
        self.notes.append(Note(len(self.requests) * 1000 + len(self.notes), body, author, system))
        return self.notes[-1]

    def answer(self, request: Request) -> Answer:
        who = self.tokens.get(request.headers.get("private-token", ""))
        if who is None:
            return Answer(401, {"message": "401 Unauthorized"})
        if request.line == "GET /api/v4/user":
            return Answer(200, {"id": who, "username": f"user_{who}"})
        if not self.scoped:
            return Answer(403, {"error": "insufficient_scope", "scope": "api"})
        root = rf"/api/v4/projects/{PROJECT}/merge_requests/5/notes"
        found = re.fullmatch(rf"{root}(?:/(\d+))?", request.path)
        if found is None:
            return Answer(404, {"message": "404 Not found"})
        if found[1] is None:
            return self._create(request, who) if request.method == "POST" else self._list(request)
        notes = [n for n in self.notes if n.id == int(found[1])]
        return (
            self._change(request, notes[0]) if notes else Answer(404, {"message": "404 Not found"})
        )

    def _create(self, request: Request, who: int) -> Answer:
        body = str(request.body["body"])
        if len(body) > LIMIT:
            words = f"is too long (maximum is {LIMIT} characters)"
            return Answer(400, {"message": {"note": [words]}})
        return Answer(201, self.write(body, who).shown)

    def _change(self, request: Request, note: Note) -> Answer:
        if request.method == "DELETE":
            self.notes.remove(note)
            return Answer(204)
        note.body = str(request.body["body"])
        return Answer(200, note.shown)

    def _list(self, request: Request) -> Answer:
        assert request.query["sort"] == "asc"
        page, size = int(request.query.get("page", "1")), int(request.query["per_page"])
        shown = [n.shown for n in self.notes[(page - 1) * size : page * size]]
        query = "&".join(f"{k}={v}" for k, v in request.query.items() if k != "page")
        link = f'<{self.address}{request.path}?{query}&page={page + 1}>; rel="next"'
        more = page * size < len(self.notes)
        return Answer(200, shown, {"Link": link} if more else {})
