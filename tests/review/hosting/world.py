"""A host on the loopback and those who write to it, all on one clock that a test holds."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final

from pydantic import SecretStr

from review.hosting.answers import Dialect
from review.hosting.github import DIALECT, PullRequest, Repository
from review.hosting.marker import Marker, Run
from review.hosting.transport import Access, Transport
from review.hosting.waiting import Clock, Patience
from tests.review.hosting.github_host import GitHubHost
from tests.review.hosting.github_records import REPOSITORY, Account
from tests.review.hosting.server import FakeClock, serving

TOKEN: Final = "ghs_aVerySecretToken0123456789abcdefABCD"
MARKER: Final = Marker("preview", "preview")
WORKFLOW: Final = ".github/workflows/preview.yml"


def clock_of(fake: FakeClock, ahead: float = 0.0) -> Clock:
    """The clock of a machine that may be ahead of the host's."""
    return Clock(
        monotonic=lambda: fake.now,
        wall=lambda: fake.now + ahead,
        sleep=fake.sleep,
        chance=lambda: 0.5,
    )


def run(number: int, attempt: int = 1, series: str = WORKFLOW) -> Run:
    return Run(series, number, attempt)


def body(report: str, by: Run | None = None) -> str:
    """A comment as this program writes it."""
    return MARKER.head(by) + report


@dataclass
class World:
    """GitHub, and clients of it."""

    host: GitHubHost
    address: str
    clock: FakeClock
    said: list[str] = field(default_factory=list[str])
    closing: ExitStack = field(default_factory=ExitStack)

    def transport(
        self,
        token: str = TOKEN,
        patience: Patience | None = None,
        dialect: Dialect = DIALECT,
        base: str | None = None,
        ahead: float = 0.0,
    ) -> Transport:
        access = Access(
            base=f"{self.address}{self.host.prefix}" if base is None else base,
            token=SecretStr(token),
            dialect=dialect,
        )
        transport = Transport(
            access, patience=patience, clock=clock_of(self.clock, ahead), say=self.said.append
        )
        return self.closing.enter_context(transport)

    def repository(
        self, transport: Transport | None = None, login: str | None = None
    ) -> Repository:
        return Repository(transport or self.transport(), REPOSITORY, login)

    def pull_request(
        self, number: int = 1, transport: Transport | None = None, login: str | None = None
    ) -> PullRequest:
        return PullRequest(self.repository(transport, login), number)

    def bodies(self, number: int = 1, author: Account | None = None) -> list[str]:
        """What the comments of a pull request say, of one author or of all."""
        below = self.host.below(number)
        return [r.body for r in below if author in {None, r.author}]


@contextmanager
def world(prefix: str = "") -> Generator[World]:
    """GitHub with one token that may write as the bot of GitHub Actions."""
    clock = FakeClock()
    host = GitHubHost(clock, prefix)
    host.grant(TOKEN)
    with serving(host) as address:
        host.address = address
        made = World(host, address, clock)
        with made.closing:
            yield made
