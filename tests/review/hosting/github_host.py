"""GitHub as its clients see it: people, apps, issues, comments, permissions, pages, limits."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

from tests.review.hosting.github_records import (
    ACTIONS,
    DOCS,
    LIMIT,
    PERSON,
    REPOSITORY,
    Account,
    Grant,
    Remark,
    Thread,
    page,
    refusal,
    too_long,
)
from tests.review.hosting.server import Answer, FakeClock, Host, Request

LABELS: Final = TypeAdapter(list[str])


@dataclass(frozen=True)
class Call:
    """A request of somebody who is known."""

    request: Request
    grant: Grant
    number: int

    @property
    def body(self) -> str:
        return str(self.request.body["body"])


class GitHubHost(Host):
    """One repository with three pull requests."""

    def __init__(self, clock: FakeClock, prefix: str = "") -> None:
        super().__init__(clock)
        self.prefix = prefix
        self.address = ""
        self.grants: dict[str, Grant] = {}
        self.threads = {n: Thread(n, PERSON, pull_request=True) for n in (1, 2, 3)}
        self.remarks: list[Remark] = []
        self.limit = LIMIT
        self.archived = False
        self.issues_enabled = True
        self.graphql = True
        self.stores: Callable[[str], str] = str
        self.hidden_from_lists: set[int] = set()
        """Comments that the next list does not show yet."""
        self.remaining = 5000
        self.reset = 0.0
        self._next = 100

    def grant(self, token: str, account: Account = ACTIONS, **rights: bool) -> Grant:
        self.grants[token] = Grant(account, **rights)
        return self.grants[token]

    def write(self, number: int, body: str, author: Account = ACTIONS) -> Remark:
        """A comment that somebody wrote."""
        self._next += 1
        self.remarks.append(Remark(self._next, number, self.stores(body), author))
        return self.remarks[-1]

    def delete(self, remark_id: int) -> None:
        """By hand."""
        self.remarks = [r for r in self.remarks if r.id != remark_id]

    def below(self, number: int) -> list[Remark]:
        return [r for r in self.remarks if r.thread == number]

    @property
    def issues(self) -> list[Thread]:
        return [t for t in self.threads.values() if not t.pull_request]

    def answer(self, request: Request) -> Answer:
        if self.clock.now >= self.reset > 0:
            self.remaining, self.reset = 5000, 0.0
        limits = {
            "X-RateLimit-Remaining": str(max(self.remaining - 1, 0)),
            "X-RateLimit-Reset": str(int(self.reset or self.clock.now + 3600)),
        }
        if self.remaining <= 0:
            message = "API rate limit exceeded for installation ID 4711."
            return Answer(403, {"message": message, "documentation_url": DOCS}, limits)
        self.remaining -= 1
        answer = self._known(request)
        return Answer(answer.status, answer.body, {**limits, **answer.headers})

    def _known(self, request: Request) -> Answer:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        grant = self.grants.get(token)
        if grant is None:
            return refusal(401, "Bad credentials")
        if request.path == ("/api/graphql" if self.prefix else "/graphql"):
            return self._viewer(grant)
        return self._refused(request, grant) or self._route(request, grant)

    def _refused(self, request: Request, grant: Grant) -> Answer | None:
        if not request.path.startswith(f"{self._root}/"):
            return refusal(404, "Not Found")
        if request.headers.get("x-github-api-version") != "2022-11-28":
            return refusal(400, "Unsupported API version")
        if request.method != "GET" and self.archived:
            return refusal(403, "Repository was archived so is read-only.")
        if request.method != "GET" and not grant.may_write:
            return refusal(403, "Resource not accessible by integration")
        return None

    @property
    def _root(self) -> str:
        return f"{self.prefix}/repos/{REPOSITORY}"

    def _viewer(self, grant: Grant) -> Answer:
        if not self.graphql:
            return refusal(403, "Resource not accessible by integration")
        viewer = {"login": grant.account.login, "databaseId": grant.account.id}
        return Answer(200, {"data": {"viewer": viewer}})

    def _route(self, request: Request, grant: Grant) -> Answer:
        routes: tuple[tuple[str, Callable[[Call], Answer]], ...] = (
            (r"GET /issues", self._list_issues),
            (r"POST /issues", self._create_issue),
            (r"PATCH /issues/(\d+)", self._change_issue),
            (r"GET /issues/(\d+)/comments", self._list_comments),
            (r"POST /issues/(\d+)/comments", self._create_comment),
            (r"PATCH /issues/comments/(\d+)", self._change_comment),
            (r"DELETE /issues/comments/(\d+)", self._delete_comment),
        )
        path = request.path.removeprefix(self._root)
        for pattern, handle in routes:
            if found := re.fullmatch(pattern, f"{request.method} {path}"):
                return handle(Call(request, grant, int(found[1]) if found.groups() else 0))
        return refusal(404, "Not Found")

    def _list_comments(self, call: Call) -> Answer:
        if call.number not in self.threads:
            return refusal(404, "Not Found")
        shown = [r for r in self.below(call.number) if r.id not in self.hidden_from_lists]
        self.hidden_from_lists.clear()
        return page(call.request, [r.shown for r in shown], self.address)

    def _create_comment(self, call: Call) -> Answer:
        thread = self.threads.get(call.number)
        if thread is None:
            return refusal(404, "Not Found")
        if thread.locked and not call.grant.collaborator:
            return refusal(403, "Unable to create comment because issue is locked.")
        body = call.body
        if len(body) > self.limit:
            return too_long("IssueComment", "data")
        return Answer(201, self.write(call.number, body, call.grant.account).shown)

    def _change_comment(self, call: Call) -> Answer:
        found = [r for r in self.remarks if r.id == call.number]
        if not found:
            return refusal(404, "Not Found")
        if self.threads[found[0].thread].locked and not call.grant.collaborator:
            return refusal(403, "Unable to update comment because issue is locked.")
        body = call.body
        if len(body) > self.limit:
            return too_long("IssueComment", "data")
        # Whoever may write may edit what others wrote: nothing but the client's care keeps it from that.
        found[0].body = self.stores(body)
        return Answer(200, found[0].shown)

    def _delete_comment(self, call: Call) -> Answer:
        if not any(r.id == call.number for r in self.remarks):
            return refusal(404, "Not Found")
        if not call.grant.may_delete:
            return refusal(403, "Must have admin rights to Repository.")
        self.delete(call.number)
        return Answer(204)

    def _list_issues(self, call: Call) -> Answer:
        state = call.request.query.get("state", "open")
        threads = [t for t in self.threads.values() if state in {"all", t.state}]
        return page(call.request, [t.shown for t in threads], self.address)

    def _create_issue(self, call: Call) -> Answer:
        if not self.issues_enabled:
            return refusal(410, "Issues has been disabled in this repository.")
        body = call.body
        if len(body) > self.limit:
            return too_long("Issue", "body")
        thread = Thread(
            max(self.threads) + 1,
            call.grant.account,
            pull_request=False,
            title=str(call.request.body["title"]),
            body=self.stores(body),
            labels=LABELS.validate_python(call.request.body["labels"]),
        )
        self.threads[thread.number] = thread
        return Answer(201, thread.shown)

    def _change_issue(self, call: Call) -> Answer:
        thread = self.threads.get(call.number)
        if thread is None:
            return refusal(404, "Not Found")
        if len(str(call.request.body.get("body", ""))) > self.limit:
            return too_long("Issue", "body")
        thread.body = self.stores(str(call.request.body.get("body", thread.body)))
        thread.state = str(call.request.body.get("state", thread.state))
        if "state_reason" in call.request.body:
            thread.state_reason = str(call.request.body["state_reason"])
        return Answer(200, thread.shown)
