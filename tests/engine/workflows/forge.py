"""A repository on a host, a pull request to it, and the clone that a runner gets of it."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.review.hosting.github_host import GitHubHost
from tests.review.hosting.github_records import REPOSITORY
from tests.review.hosting.server import Answer, FakeClock, Request
from tests.workflows.reading import ROOT

TOKEN = "ghs_token-of-the-workflow"
NUMBER = 1
FORK = "eve/platform"


class Forge(GitHubHost):
    """GitHub that also tells which commit a pull request is at."""

    def __init__(self, head: str) -> None:
        super().__init__(FakeClock())
        self.grant(TOKEN)
        self.head = head
        self.source = REPOSITORY

    def answer(self, request: Request) -> Answer:
        if request.path != f"/repos/{REPOSITORY}/pulls/{NUMBER}":
            return super().answer(request)
        return Answer(200, {"state": "open", **self.told})

    @property
    def told(self) -> dict[str, object]:
        """The pull request, as GitHub tells it in answers and events alike."""
        head = {"sha": self.head, "repo": {"full_name": self.source}}
        base = {"sha": self.head, "repo": {"full_name": REPOSITORY}}
        return {"number": NUMBER, "head": head, "base": base, "user": {"login": "ada"}}

    def pull_request(self, file: Path) -> Path:
        """The event of a push to the pull request."""
        file.write_text(json.dumps({"number": NUMBER, "pull_request": self.told}))
        return file

    def workflow_run(self, file: Path) -> Path:
        """The event of the end of what the pull request started."""
        run: dict[str, object] = {
            "event": "pull_request",
            "path": ".github/workflows/preview.yml",
            "run_number": 3,
            "run_attempt": 1,
            "head_sha": self.head,
            "head_repository": {"full_name": self.source},
            "pull_requests": [],
        }
        file.write_text(json.dumps({"workflow_run": run}))
        return file


@dataclass(frozen=True)
class Clone:
    """A checkout of the pull request merged into its base, as actions/checkout leaves it."""

    folder: Path
    head: str


def clone(folder: Path) -> Clone:
    """One of the project as it is committed, with a change of both stacks on top of `main`."""
    hub = folder / "hub"
    _copy(hub)
    checkout = folder / "clone"
    git(folder, "clone", "--quiet", str(hub), str(checkout))
    git(checkout, "checkout", "--quiet", "--detach", "origin/main")
    for stack in ("dev", "prod"):
        settings = checkout / f"Pulumi.{stack}.yaml"
        text = settings.read_text()
        changed = re.sub(r"(scale: \{min: \d+, max: )(\d+)", _more, text, count=1)
        assert changed != text
        settings.write_text(changed)
    git(checkout, "commit", "--quiet", "--all", "--message=More room for agents")
    return Clone(checkout, git(checkout, "rev-parse", "HEAD"))


def _more(found: re.Match[str]) -> str:
    return f"{found[1]}{int(found[2]) + 1}"


def _copy(hub: Path) -> None:
    """The project with its history, on a branch main."""
    if git(ROOT, "rev-parse", "--is-shallow-repository") == "false":
        git(ROOT, "clone", "--quiet", "--bare", str(ROOT), str(hub))
        git(hub, "branch", "--force", "main", git(ROOT, "rev-parse", "HEAD"))
        return
    # Where the project itself was cloned without its history, its files are a history of one commit.
    work = hub.with_name("work")
    work.mkdir()
    packed = subprocess.run(
        ["git", "-C", str(ROOT), "archive", "HEAD"], capture_output=True, check=True
    )
    subprocess.run(["tar", "-x", "-C", str(work)], input=packed.stdout, check=True)
    git(work, "init", "--quiet", "--initial-branch=main")
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message=All of it")
    git(work, "clone", "--quiet", "--bare", str(work), str(hub))


def git(folder: Path, *arguments: str) -> str:
    """What git prints."""
    identity = ("-c", "user.name=Tests", "-c", "user.email=tests@example.com")
    command = ["git", "-C", str(folder), *identity, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
